import type { NodeKind, Protocol } from '@ambit/topology/model';

/** A node of the graph at one side of traffic, as labels know it. */
export interface Side {
  kind: NodeKind;
  /** Values of the label that mean its cluster; null: it is not asked for. */
  clusters: readonly string[] | null;
  namespace: string;
  name: string;
  version: string;
  /** Of a service: the workloads behind it, which speak for it as a client. */
  workloads: readonly string[];
}

/** Traffic that is asked about; at least one side. */
export interface Ends {
  source: Side | null;
  destination: Side | null;
  /** Of an edge. */
  protocol: Protocol | null;
}

/** A label, and the values of which it has to have one (`not`: none). */
export interface Condition {
  label: string;
  values: readonly string[];
  not?: boolean;
}

/** What the labels of a series fulfil that tells of traffic between these ends. */
export function conditionsOf({ source, destination, protocol }: Ends): Condition[] {
  const of: Condition[] = [];
  if (protocol === 'grpc') of.push({ label: 'request_protocol', values: ['grpc'] });
  if (protocol === 'http')
    of.push({ label: 'request_protocol', values: ['grpc', 'tcp'], not: true });
  return [
    ...of,
    ...(source ? sideConditions('source', source) : []),
    ...(destination ? sideConditions('destination', destination) : []),
  ];
}

type Labels = Readonly<Record<string, string>>;

/** The same as a test of labels; one that is not there is empty. */
export function fitsEnds(ends: Ends): (labels: Labels) => boolean {
  const conditions = conditionsOf(ends);
  return (labels) =>
    conditions.every(
      ({ label, values, not }) => values.includes(labelOf(labels, label)) !== (not ?? false),
    );
}

const clusterHost = /^([^.]+)\.([^.]+)\.svc(\.|$)/;

/** Proxies without Istio's metrics, and their logs, say a service by its host alone: its parts are names too, as in the graph. */
function labelOf(labels: Labels, label: string): string {
  const value = labels[label] ?? '';
  const part = ['destination_service_name', 'destination_service_namespace'].indexOf(label);
  if (value !== '' || part === -1 || labels['destination_service_name']) return value;
  const host = labels['destination_service'] ?? '';
  return clusterHost.exec(host)?.[part + 1] ?? (part === 0 ? host : '');
}

function sideConditions(side: 'source' | 'destination', node: Side): Condition[] {
  const { kind, clusters, namespace, name, version, workloads } = node;
  const is = (label: string, value: string): Condition => ({ label, values: [value] });
  const inNamespace = is(`${side}_workload_namespace`, namespace);
  const inCluster = clusters === null ? [] : [{ label: `${side}_cluster`, values: clusters }];
  switch (kind) {
    case 'workload':
    case 'gateway':
    case 'waypoint':
      return [...inCluster, inNamespace, is(`${side}_workload`, name)];
    case 'service':
      return side === 'destination'
        ? [
            ...inCluster,
            is('destination_service_namespace', namespace),
            is('destination_service_name', name),
          ]
        : [
            ...inCluster,
            inNamespace,
            workloads.length > 0
              ? { label: 'source_workload', values: workloads }
              : is('source_canonical_service', name),
          ];
    case 'app':
      return [...inCluster, inNamespace, is(`${side}_canonical_service`, name)];
    case 'version':
      return [
        ...inCluster,
        inNamespace,
        is(`${side}_canonical_service`, name),
        is(`${side}_canonical_revision`, version),
      ];
    case 'namespace':
      return [...inCluster, inNamespace];
    case 'cluster':
      return inCluster;
    case 'external':
      return [is(`${side}_service_name`, name)];
    case 'unknown':
      return [...inCluster, { label: `${side}_workload`, values: ['', 'unknown'] }];
  }
}
