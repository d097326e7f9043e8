import type { KubeObject } from '@ambit/contracts/common';
import type { AmbientNamespace } from '@ambit/contracts/operations/ambient';
import { specOf as policySpecOf, targetsOf } from './authorization.ts';
import type { ClusterFacts } from './facts.ts';
import { mtlsOf } from './mtls.ts';

/** Name of what Ambit writes into a namespace for its L4 settings. */
export const l4Name = 'ambit-l4';

export type L4Settings = Pick<AmbientNamespace, 'mtls' | 'accessLog' | 'tcpMetrics'>;

const tcpMetrics = [
  'TCP_OPENED_CONNECTIONS',
  'TCP_CLOSED_CONNECTIONS',
  'TCP_SENT_BYTES',
  'TCP_RECEIVED_BYTES',
];

/** Objects that say what is set; none for what is inherited. Istio's Telemetry and PeerAuthentication without selector. */
export function l4Objects(
  namespace: string,
  { mtls, accessLog, tcpMetrics: tcp }: L4Settings,
): { put: KubeObject[]; remove: KubeObject[] } {
  const metadata = { name: l4Name, namespace };
  const peer = (spec: object): KubeObject => ({
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata,
    spec,
  });
  const telemetry = (spec: object): KubeObject => ({
    apiVersion: 'telemetry.istio.io/v1',
    kind: 'Telemetry',
    metadata,
    spec,
  });
  const told = {
    ...(accessLog === 'inherit'
      ? {}
      : {
          accessLogging: [
            accessLog === 'on' ? { providers: [{ name: 'envoy' }] } : { disabled: true },
          ],
        }),
    ...(tcp === 'inherit'
      ? {}
      : {
          metrics: [
            {
              overrides: tcpMetrics.map((metric) => ({
                match: { metric },
                disabled: tcp === 'off',
              })),
            },
          ],
        }),
  };
  const wanted = [
    [mtls !== 'inherit', peer({ mtls: { mode: mtls } })],
    [Object.keys(told).length > 0, telemetry(told)],
  ] as const;
  return {
    put: wanted.flatMap(([is, object]) => (is ? [object] : [])),
    remove: wanted.flatMap(([is, object]) => (is ? [] : [object])),
  };
}

interface TelemetrySpec {
  accessLogging?: { disabled?: boolean }[];
  metrics?: { overrides?: { match?: { metric?: string }; disabled?: boolean }[] }[];
}

/** What is set of a namespace by Ambit's own objects, what holds, and who else says something of the same. Pure. */
export function namespaceL4(
  clusters: readonly ClusterFacts[],
  namespace: string,
): Omit<AmbientNamespace, 'plainFrom' | 'measured'> {
  const policies = clusters
    .flatMap((facts) => facts.policies)
    .filter(({ metadata, kind }) => metadata.namespace === namespace && setsOf(kind) !== null);
  const wide = policies.filter(isWide);
  const own = (kind: string) =>
    wide.find((one) => one.kind === kind && one.metadata.name === l4Name)?.['spec'];
  const peer = own('PeerAuthentication') as { mtls?: { mode?: string } } | undefined;
  const telemetry = own('Telemetry') as TelemetrySpec | undefined;
  const logging = telemetry?.accessLogging?.[0];
  const tcp = telemetry?.metrics?.[0]?.overrides?.find(
    ({ match }) => match?.metric === tcpMetrics[0],
  );
  const others = new Map(
    wide
      .filter(({ metadata }) => metadata.name !== l4Name)
      .map(({ kind, metadata }) => [
        `${kind}/${metadata.name}`,
        { kind, name: metadata.name, sets: setsOf(kind)! },
      ]),
  );
  const mode = peer?.mtls?.mode;
  return {
    namespace,
    mtls: mode === 'STRICT' || mode === 'PERMISSIVE' ? mode : 'inherit',
    accessLog: logging ? (logging.disabled ? 'off' : 'on') : 'inherit',
    tcpMetrics: tcp ? (tcp.disabled ? 'off' : 'on') : 'inherit',
    effective: effectiveOf(clusters, namespace),
    others: [...others.values()],
  };
}

const setsOf = (kind: string): 'mtls' | 'telemetry' | null =>
  kind === 'PeerAuthentication' ? 'mtls' : kind === 'Telemetry' ? 'telemetry' : null;

/** For the namespace as a whole: one with a selector or targets says something of some pods alone. */
const isWide = (policy: KubeObject): boolean =>
  targetsOf(policy).length === 0 &&
  Object.keys(policySpecOf(policy).selector?.matchLabels ?? {}).length === 0;

function effectiveOf(
  clusters: readonly ClusterFacts[],
  namespace: string,
): AmbientNamespace['effective'] {
  const anybody = { metadata: { name: '', namespace } };
  const found = clusters.map((facts) => mtlsOf(facts, anybody));
  const [first] = found;
  if (!first) return { mtls: 'PERMISSIVE', by: 'the default' };
  return found.every(({ mode }) => mode === first.mode)
    ? { mtls: first.mode, by: first.by }
    : { mtls: 'mixed', by: 'its clusters differ' };
}
