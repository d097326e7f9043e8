import type { EnrolmentPreview } from '@ambit/contracts/operations/enrolment';
import { isL7Action, isL7Authorization } from '../l7.ts';
import { specOf, targetsOf } from './authorization.ts';
import { isReady, keyOf, roleOf, systemNamespaces, type ClusterFacts } from './facts.ts';
import type { ChangeCluster, ChangePlan, PlanInput } from './plan-change.ts';
import { namespaceLabels, type NamespaceRow } from './rows.ts';
import { injectionLabel, modeLabel, revisionLabel } from './wanted.ts';
import { useWaypointLabel } from './waypoint.ts';

export type Conflict = EnrolmentPreview['conflicts'][number];

const error = (about: string, message: string, fix: string): Conflict => ({
  severity: 'error',
  about,
  message,
  fix,
});
const warning = (about: string, message: string, fix: string): Conflict => ({
  severity: 'warning',
  about,
  message,
  fix,
});

type Plan = Omit<ChangePlan, 'preview'>;

/** What stands in the way of a change, or is to be known before it. Pure. */
export function conflictsOf(input: PlanInput, plan: Plan): Conflict[] {
  const { wish, profile, clusters } = input;
  const found: Conflict[] = [];
  if (profile !== 'ambient' && wish.mode.startsWith('L4')) {
    found.push(
      error(
        'the mesh',
        'it is a sidecar mesh and has no ztunnel',
        'choose sidecar, or an ambient mesh',
      ),
    );
  }
  for (const cluster of clusters) {
    for (const row of plan.rows.namespaces) {
      if (row.clusterId === cluster.clusterId) found.push(...ofNamespace(input, cluster, row));
    }
    for (const row of plan.rows.services) {
      if (row.clusterId === cluster.clusterId) found.push(...ofService(input, cluster, row));
    }
    found.push(...ofWaypoints(cluster, plan));
  }
  const known = new Set(clusters.map(({ clusterId }) => clusterId));
  const strange = wish.subjects.find(({ clusterId }) => !known.has(clusterId));
  if (strange) {
    found.push(
      error(strange.clusterId, 'it is no cluster of this mesh', 'choose one of its clusters'),
    );
  }
  return found;
}

function ofNamespace(
  { wish, current }: PlanInput,
  { clusterId, clusterName, facts }: ChangeCluster,
  row: NamespaceRow,
): Conflict[] {
  const { namespace } = row;
  const about = `Namespace ${namespace} (${clusterName})`;
  const live = facts.namespaces.get(namespace);
  if (systemNamespaces.has(namespace)) {
    return [error(about, 'it is never enrolled', 'choose a namespace of an application')];
  }
  if (!live) return [error(about, 'there is no such namespace', 'create it, or choose another')];
  const own = current.namespaces.find(
    (one) => one.clusterId === clusterId && one.namespace === namespace,
  );
  const ours = own ? namespaceLabels(own) : {};
  const wanted = namespaceLabels(row);
  const found: Conflict[] = [];
  for (const label of [injectionLabel, revisionLabel, modeLabel, useWaypointLabel]) {
    const value = live[label];
    if (value === undefined || value === ours[label] || value === wanted[label]) continue;
    if (!clashes(label, value, wish.mode, wanted)) continue;
    found.push(
      error(
        about,
        `its label ${label}=${value} was set by others, and Ambit never overwrites what others set`,
        `remove it where it comes from, or with kubectl label namespace ${namespace} ${label}-`,
      ),
    );
  }
  const source = gitOpsOf(live);
  if (source) {
    found.push(
      warning(
        about,
        `it is written by ${source}, which may take labels away that its source does not have`,
        `set ${
          Object.entries(wanted)
            .map(([key, value]) => `${key}=${value}`)
            .join(', ') || 'no label'
        } in its source too`,
      ),
    );
  }
  if (wish.mode.startsWith('L4')) found.push(...ofAmbient(facts, about, namespace));
  return found;
}

/** Whether a label of others would make the namespace something else than what is asked for. */
function clashes(
  label: string,
  value: string,
  mode: PlanInput['wish']['mode'],
  wanted: Record<string, string>,
): boolean {
  if (label in wanted) return true;
  switch (label) {
    case injectionLabel:
      return value === 'enabled' && mode !== 'sidecar';
    case revisionLabel:
      return mode === 'none';
    case modeLabel:
      return value === 'ambient' && (mode === 'none' || mode === 'sidecar');
    default:
      return mode === 'L4' && value !== 'none';
  }
}

const gitOpsLabels: Record<string, string> = {
  'argocd.argoproj.io/instance': 'Argo CD',
  'kustomize.toolkit.fluxcd.io/name': 'Flux',
  'helm.toolkit.fluxcd.io/name': 'Flux',
};

const gitOpsOf = (labels: Readonly<Record<string, string>>): string | undefined => {
  const label = Object.keys(gitOpsLabels).find((key) => labels[key] !== undefined);
  return label && `${gitOpsLabels[label]} (${labels[label]})`;
};

function ofAmbient(facts: ClusterFacts, about: string, namespace: string): Conflict[] {
  const pods = (facts.pods.get(namespace) ?? []).filter((pod) => roleOf(pod) === 'app');
  const nodes = [...new Set(pods.flatMap((pod) => pod.spec?.nodeName ?? []))];
  const bare = nodes.filter((node) => {
    const [cni, ztunnel] = [facts.cni.get(node), facts.ztunnel.get(node)];
    return !cni || !isReady(cni) || !ztunnel || !isReady(ztunnel);
  });
  const found: Conflict[] = [];
  if (bare.length > 0) {
    found.push(
      warning(
        about,
        `of its nodes ${bare.slice(0, 3).join(', ')} ${bare.length === 1 ? 'has' : 'have'} no ready istio-cni and ztunnel: pods there are not taken in`,
        'look at their DaemonSets in istio-system',
      ),
    );
  }
  const host = pods.filter(({ spec }) => spec?.hostNetwork).length;
  if (host > 0) {
    found.push(
      warning(
        about,
        `${host} of its pods use the node's network and are never taken in`,
        'nothing, if that is meant so',
      ),
    );
  }
  for (const policy of facts.policies) {
    const { kind, metadata } = policy;
    if (kind !== 'AuthorizationPolicy' || metadata.namespace !== namespace) continue;
    if (targetsOf(policy).length > 0 || !isL7Authorization(specOf(policy))) continue;
    found.push(
      warning(
        `AuthorizationPolicy ${namespace}/${metadata.name}`,
        isL7Action(specOf(policy).action)
          ? `its action is ${specOf(policy).action} and it has no targets: ztunnel does not know it, and requests pass`
          : 'it has L7 rules and no targets: ztunnel leaves them out of ALLOW, and enforces DENY without their L7 part',
        'bind it to the Service with targetRefs',
      ),
    );
  }
  return found;
}

function ofService(
  { wish }: PlanInput,
  { clusterName, facts }: ChangeCluster,
  row: { clusterId: string; namespace: string; name: string },
): Conflict[] {
  // Rows that a change of the whole namespace clears.
  const isAsked = wish.subjects.some(
    (one) =>
      one.clusterId === row.clusterId &&
      one.namespace === row.namespace &&
      one.service === row.name,
  );
  if (!isAsked) return [];
  const about = `Service ${row.namespace}/${row.name} (${clusterName})`;
  const service = facts.services
    .get(row.namespace)
    ?.find(({ metadata }) => metadata.name === row.name);
  if (!service) return [error(about, 'there is no such Service', 'choose another')];
  if (!wish.mode.startsWith('L4')) {
    return [
      error(
        about,
        `one Service alone cannot be taken to ${wish.mode}: that is a matter of its namespace`,
        'choose the namespace',
      ),
    ];
  }
  if (facts.namespaces.get(row.namespace)?.[modeLabel] !== 'ambient') {
    return [
      error(
        about,
        `its namespace ${row.namespace} is not in ambient mode`,
        'enrol the namespace to L4 first',
      ),
    ];
  }
  return [];
}

function ofWaypoints({ clusterId, clusterName, facts }: ChangeCluster, plan: Plan): Conflict[] {
  return plan.waypoints
    .filter((one) => one.clusterId === clusterId)
    .flatMap(({ namespace, name, users }) => {
      const about = `Gateway ${namespace}/${name} (${clusterName})`;
      if (!facts.namespaces.has(namespace)) {
        return [error(about, `there is no namespace ${namespace}`, 'create it, or choose another')];
      }
      const gateway = facts.gateways.get(keyOf(namespace, name));
      if (!gateway) return [];
      const isHbone = gateway.spec?.listeners?.some(({ protocol }) => protocol === 'HBONE');
      if (!gateway.spec?.gatewayClassName?.includes('waypoint') && !isHbone) {
        return [
          error(
            about,
            `it is a Gateway of class ${gateway.spec?.gatewayClassName} and no waypoint`,
            'choose another name for the waypoint',
          ),
        ];
      }
      const open = gateway.spec?.listeners?.some(
        ({ allowedRoutes }) => (allowedRoutes?.namespaces?.from ?? 'Same') !== 'Same',
      );
      return users.length > 0 && !open
        ? [
            error(
              about,
              `it does not let ${users.join(', ')} use it`,
              'set allowedRoutes.namespaces of its listener to All or Selector',
            ),
          ]
        : [];
    });
}
