import { currentFilterName } from '@ambit/istio/validation/kinds/envoy-filter/filter-names';
import { isAmbientNamespace } from '../../facts/ambient.ts';
import { hostKinds, isUnknownHost } from '../../facts/hosts.ts';
import { knows } from '../../facts/known.ts';
import { rootNamespaceOf } from '../../facts/policies.ts';
import { proxyCounts } from '../../facts/versions.ts';
import {
  isGateway,
  knowsWorkloads,
  containersOf,
  workloadKinds,
  workloads,
} from '../../facts/workloads.ts';
import type { Path, Resource } from '../../resource.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { isEmptySelector, selectorText } from '../../selector.ts';
import type { View } from '../../view.ts';
import {
  ambient,
  ambientNamespace,
  doc,
  docs,
  negative,
  pod,
  positive,
  sameInAmbient,
  service,
} from '../shared/example.ts';

type EnvoyFilter = Resource<'EnvoyFilter'>;

const filter = (spec: string): string => doc('EnvoyFilter shop/web', `spec:\n  ${spec}`);
const patch = (match: string): string =>
  `configPatches: [{applyTo: CLUSTER, match: {${match}}, patch: {operation: MERGE, value: {connect_timeout: 1s}}}]`;

function selectorProblem(view: View, { namespace, spec }: EnvoyFilter): string | undefined {
  const labels = spec.workloadSelector?.labels;
  if (isEmptySelector(labels)) return undefined;
  const scope = namespace === rootNamespaceOf(view) ? undefined : namespace;
  if (!knowsWorkloads(view)) return undefined;
  const found = workloads(view, labels, scope);
  if (found.length === 0) return `no workload has ${selectorText(labels)}`;
  const contexts = new Set(
    (spec.configPatches ?? []).map(({ match }) => String(match?.context ?? 'ANY')),
  );
  if (contexts.size !== 1) return undefined;
  const [context = ''] = contexts;
  const isOnlyGateways = found.every(isGateway);
  const isNoGateway = found.every(
    (workload) => !isGateway(workload) && containersOf(workload).length > 0,
  );
  if (context === 'GATEWAY' && isNoGateway) {
    return 'its patches are for gateways, and it selects none';
  }
  if (context.startsWith('SIDECAR_') && isOnlyGateways) {
    return 'its patches are for sidecars, and it selects gateways alone';
  }
  return undefined;
}

function targetProblem(view: View, { namespace, spec }: EnvoyFilter): string | undefined {
  const refs = spec.targetRefs ?? [];
  if (refs.length === 0) return undefined;
  const missing = refs.filter(({ kind, name = '' }) => {
    if (kind === 'Gateway') {
      const isKnown = knows(view, 'KubernetesGateway') || knows(view, 'Namespace');
      return isKnown && !view.get('KubernetesGateway', namespace, name);
    }
    if (kind === 'Service') return knows(view, 'Service') && !view.get('Service', namespace, name);
    return false;
  });
  if (missing.length < refs.length) return undefined;
  return `${missing.map(({ kind, name }) => `${kind} ${namespace}/${name}`).join(', ')} does not exist`;
}

function ambientProblem(view: View, { namespace, spec }: EnvoyFilter): string | undefined {
  if (spec.targetRefs?.length || !isEmptySelector(spec.workloadSelector?.labels)) return undefined;
  if (namespace === rootNamespaceOf(view) || !isAmbientNamespace(view, namespace)) return undefined;
  const isForSidecars = (spec.configPatches ?? []).every(({ match }) =>
    String(match?.context ?? '').startsWith('SIDECAR_'),
  );
  if (!isForSidecars) return undefined;
  return `its patches are for sidecars, and namespace ${namespace} is in ambient mode`;
}

/** JavaScript's reading of a pattern of RE2, whole text; undefined when it cannot be read. */
function pattern(text: string): RegExp | undefined {
  try {
    return new RegExp(text);
  } catch {
    return undefined;
  }
}

export const envoyFilterWithoutMatch = defineRule({
  id: 'AMB0024',
  code: 'AMB0024',
  severity: 'warning',
  title: 'The EnvoyFilter matches nothing',
  explanation:
    'An EnvoyFilter has no effect: its selector matches no workload, or none of the kind its patches are for (`context`); what it targets does not exist; it is for the sidecars of an ambient namespace (waypoints need `targetRefs`); or a `proxyVersion` is that of no proxy that runs.',
  howToFix: 'Correct the selector, target, context or version, or remove the EnvoyFilter.',
  cause: 'No proxy meets its conditions.',
  consequence: 'The patches are applied nowhere.',
  kinds: ['EnvoyFilter'],
  reads: [...workloadKinds, ...hostKinds, 'KubernetesGateway', 'MeshConfig'],
  check: (subject, view, report) => {
    const { spec } = subject;
    const problem =
      selectorProblem(view, subject) ??
      targetProblem(view, subject) ??
      ambientProblem(view, subject);
    if (problem) {
      const path = spec.targetRefs?.length
        ? ['spec', 'targetRefs']
        : ['spec', ...(isEmptySelector(spec.workloadSelector?.labels) ? [] : ['workloadSelector'])];
      report({ message: `EnvoyFilter ${fullName(subject)} matches nothing: ${problem}`, path });
      return;
    }
    for (const [index, { match }] of (spec.configPatches ?? []).entries()) {
      const host = match?.cluster?.service ?? '';
      if (!isUnknownHost(view, subject.namespace, host)) continue;
      report({
        message: `Patch ${index + 1} is for the clusters of ${host}, which no Service or ServiceEntry has`,
        path: ['spec', 'configPatches', index, 'match', 'cluster', 'service'],
      });
    }
    const wanted = (spec.configPatches ?? []).map(({ match }) => match?.proxy?.proxyVersion ?? '');
    if (wanted.every((text) => text === '')) return;
    const running = proxyCounts(view, subject.cluster).map(({ version }) => version);
    if (running.length === 0) return;
    for (const [index, text] of wanted.entries()) {
      const regex = text === '' ? undefined : pattern(text);
      if (!regex || running.some((version) => fits(regex, version))) continue;
      report({
        message: `Patch ${index + 1} is for proxies of version ${text}, and only ${[...new Set(running)].join(', ')} run`,
        path: ['spec', 'configPatches', index, 'match', 'proxy', 'proxyVersion'],
      });
    }
  },
  examples: [
    positive(
      'labels of no pod',
      docs(
        pod('shop/db'),
        filter(`workloadSelector: {labels: {app: web}}\n  ${patch('context: SIDECAR_OUTBOUND')}`),
      ),
      ['EnvoyFilter shop/web spec.workloadSelector'],
    ),
    positive(
      'patches for gateways at pods that are none',
      docs(
        pod('shop/web'),
        filter(`workloadSelector: {labels: {app: web}}\n  ${patch('context: GATEWAY')}`),
      ),
      ['EnvoyFilter shop/web spec.workloadSelector'],
    ),
    positive(
      'clusters of a host that is not there',
      docs(service('shop/web'), filter(patch('cluster: {service: wbe.shop.svc.cluster.local}'))),
      ['EnvoyFilter shop/web spec.configPatches[0].match.cluster.service'],
    ),
    positive(
      'a version that runs nowhere',
      docs(
        pod('shop/web', {}, true),
        filter(patch(`context: ANY, proxy: {proxyVersion: '^1\\.28.*'}`)),
      ),
      ['EnvoyFilter shop/web spec.configPatches[0].match.proxy.proxyVersion'],
    ),
    negative(
      'pods with sidecars, of this version',
      docs(
        pod('shop/web', {}, true),
        filter(
          `workloadSelector: {labels: {app: web}}\n  ${patch(`context: SIDECAR_INBOUND, proxy: {proxyVersion: '^1\\.31.*'}`)}`,
        ),
      ),
    ),
    negative(
      'nothing is known of workloads',
      filter(`workloadSelector: {labels: {app: web}}\n  ${patch('context: ANY')}`),
    ),
    ambient(
      'sidecars of an ambient namespace',
      docs(ambientNamespace('shop'), filter(patch('context: SIDECAR_INBOUND'))),
      ['EnvoyFilter shop/web spec'],
    ),
    ambient(
      'a waypoint as target',
      docs(
        ambientNamespace('shop'),
        doc('KubernetesGateway shop/waypoint', 'spec: {gatewayClassName: istio-waypoint}'),
        filter(
          `targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: waypoint}]\n  ${patch('context: SIDECAR_INBOUND')}`,
        ),
      ),
    ),
  ],
});

/** A pattern for a version may be for one with or without a patch number. */
const fits = (regex: RegExp, minor: string): boolean =>
  [minor, `${minor}.0`, `${minor}.5`, `${minor}.10`].some((version) => regex.test(version));

/** The last minor version of 1.x that the pattern is for; undefined when it has no end. */
function lastMinor(text: string): number | undefined {
  const regex = pattern(text);
  if (!regex) return undefined;
  let last: number | undefined;
  for (let minor = 10; minor <= 99; minor += 1) if (fits(regex, `1.${minor}`)) last = minor;
  return last === 99 ? undefined : last;
}

type Break = { path: Path; message: string; isNow: boolean; rename?: string };

/** Old names and types in a patch: Envoy 1.19 and later knows neither. */
function oldParts(value: unknown, path: Path, found: Break[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    if (
      key === '@type' &&
      typeof item === 'string' &&
      /envoy\.(?:api\.v2|config\.filter\.|config\.[\w.]+\.v2)/.test(item)
    ) {
      found.push({
        path: at,
        message: `${item} is a type of Envoy’s API v2, which is gone`,
        isNow: true,
      });
    }
    oldParts(item, at, found);
  }
}

function breaks({ spec }: EnvoyFilter): Break[] {
  const found: Break[] = [];
  for (const [index, { match, patch: change }] of (spec.configPatches ?? []).entries()) {
    const at = ['spec', 'configPatches', index];
    const version = match?.proxy?.proxyVersion;
    const last = version ? lastMinor(version) : undefined;
    if (last !== undefined) {
      found.push({
        path: [...at, 'match', 'proxy', 'proxyVersion'],
        message: `The patch is for proxies up to 1.${last} alone (${version})`,
        isNow: false,
      });
    }
    const filterMatch = match?.listener?.filterChain?.filter;
    const names: [string | undefined, Path][] = [
      [filterMatch?.name, ['name']],
      [filterMatch?.subFilter?.name, ['subFilter', 'name']],
    ];
    for (const [name = '', inner] of names) {
      const current = currentFilterName(name);
      if (!current) continue;
      found.push({
        path: [...at, 'match', 'listener', 'filterChain', 'filter', ...inner],
        message: `The filter ${name} is named ${current} today`,
        isNow: true,
        rename: current,
      });
    }
    oldParts(change?.value, [...at, 'patch', 'value'], found);
  }
  return found;
}

export const envoyFilterBreaks = defineRule({
  id: 'AMB0025',
  code: 'AMB0025',
  severity: 'warning',
  title: 'The EnvoyFilter breaks with another version',
  explanation:
    'A patch is bound to a version of Istio (`proxyVersion`) and silently ends with the next, or it names what newer versions of Envoy do not have: filters by their names before v3, types of API v2.',
  howToFix:
    'Use an API of Istio for it where there is one (Telemetry, WasmPlugin, TrafficExtension, DestinationRule). Else test the patch with the new version and widen `proxyVersion`.',
  cause: 'The patch fits some versions of Istio alone.',
  consequence: 'After an upgrade the patch is no longer applied.',
  kinds: ['EnvoyFilter'],
  reads: [],
  check: (subject, _view, report) => {
    for (const { path, message, isNow, rename } of breaks(subject)) {
      report({
        message,
        path,
        ...(rename
          ? {
              fix: {
                title: `Write ${rename}`,
                patch: [{ op: 'replace' as const, path: `/${path.join('/')}`, value: rename }],
              },
            }
          : {}),
        ...(isNow
          ? {
              severity: 'error',
              consequence: 'The proxies refuse the patch, or do not find what it matches.',
            }
          : {}),
      });
    }
  },
  examples: sameInAmbient('shop', [
    positive(
      'one minor version',
      filter(patch(`context: ANY, proxy: {proxyVersion: '^1\\.31.*'}`)),
      ['EnvoyFilter shop/web spec.configPatches[0].match.proxy.proxyVersion'],
    ),
    positive(
      'a filter by its old name',
      filter(
        `configPatches: [{applyTo: HTTP_FILTER, match: {listener: {filterChain: {filter: {name: envoy.http_connection_manager}}}}, patch: {operation: INSERT_FIRST, value: {name: x}}}]`,
      ),
      ['EnvoyFilter shop/web spec.configPatches[0].match.listener.filterChain.filter.name'],
    ),
    negative(
      'all versions, and every one from 1.20',
      docs(
        filter(
          `configPatches: [{applyTo: CLUSTER, match: {proxy: {proxyVersion: '^1\\.[2-9][0-9].*'}}, patch: {operation: MERGE, value: {}}}, {applyTo: CLUSTER, patch: {operation: MERGE, value: {}}}]`,
        ),
      ),
    ),
  ]),
});
