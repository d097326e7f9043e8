import { age } from '../../table.ts';
import { isObject, type JsonObject, type JsonValue, type KubeObject } from '../../types.ts';
import type { ComputedColumn } from '../kind.ts';

/** Columns of kubectl's tables for Kubernetes' own kinds. */
export const at = (value: JsonValue | undefined, ...path: string[]): JsonValue | undefined =>
  path.reduce<JsonValue | undefined>(
    (found, key) => (isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined),
    value,
  );

export const items = (value: JsonValue | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

const count = (value: JsonValue | undefined): number => (typeof value === 'number' ? value : 0);

export const column = (
  name: string,
  cell: (object: KubeObject, now: Date) => JsonValue,
  more: Partial<ComputedColumn> = {},
): ComputedColumn => ({ name, type: 'string', cell, ...more });

export const wide = { priority: 1 };

export const path = (name: string, ...keys: string[]): ComputedColumn =>
  column(name, (object) => {
    const value = at(object, ...keys);
    return value === undefined || value === null
      ? '<none>'
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);
  });

export const number = (name: string, ...keys: string[]): ComputedColumn =>
  column(name, (object) => count(at(object, ...keys)), { type: 'integer' });

export const ageColumn: ComputedColumn = column('Age', (object, now) =>
  age(object.metadata.creationTimestamp, now),
);

export const dataColumn = column(
  'Data',
  (object) => {
    const sizes = ['data', 'binaryData'].map((key) => at(object, key));
    return sizes.reduce<number>(
      (sum, data) => sum + (isObject(data) ? Object.keys(data).length : 0),
      0,
    );
  },
  { type: 'integer' },
);

export const selectorText = (labels: JsonValue | undefined): string => {
  const matched = isObject(labels) && isObject(labels.matchLabels) ? labels.matchLabels : labels;
  if (!isObject(matched)) return '<none>';
  const parts = Object.entries(matched).map(([key, value]) => `${key}=${String(value)}`);
  return parts.length === 0 ? '<none>' : parts.join(',');
};

const containers = (object: KubeObject): JsonObject[] =>
  items(at(object, 'spec', 'template', 'spec', 'containers'));
export const templateColumns: ComputedColumn[] = [
  column(
    'Containers',
    (object) =>
      containers(object)
        .map((container) => String(container.name))
        .join(','),
    wide,
  ),
  column(
    'Images',
    (object) =>
      containers(object)
        .map((container) => String(container.image))
        .join(','),
    wide,
  ),
  column('Selector', (object) => selectorText(at(object, 'spec', 'selector')), wide),
];

export const podColumns: ComputedColumn[] = [
  column('Ready', (pod) => {
    const statuses = items(at(pod, 'status', 'containerStatuses'));
    const total = items(at(pod, 'spec', 'containers')).length;
    return `${statuses.filter((status) => status.ready === true).length}/${total}`;
  }),
  column('Status', podPhase),
  column('Restarts', (pod) =>
    String(
      items(at(pod, 'status', 'containerStatuses')).reduce(
        (sum, status) => sum + count(status.restartCount),
        0,
      ),
    ),
  ),
  ageColumn,
  { ...path('IP', 'status', 'podIP'), ...wide },
  { ...path('Node', 'spec', 'nodeName'), ...wide },
  { ...path('Nominated Node', 'status', 'nominatedNodeName'), ...wide },
  column('Readiness Gates', () => '<none>', wide),
];

function podPhase(pod: KubeObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  for (const status of items(at(pod, 'status', 'containerStatuses'))) {
    const reason =
      at(status, 'state', 'waiting', 'reason') ?? at(status, 'state', 'terminated', 'reason');
    if (typeof reason === 'string' && reason !== '') return reason;
  }
  const phase = at(pod, 'status', 'reason') ?? at(pod, 'status', 'phase');
  return typeof phase === 'string' ? phase : 'Pending';
}

export const serviceColumns: ComputedColumn[] = [
  path('Type', 'spec', 'type'),
  path('Cluster-IP', 'spec', 'clusterIP'),
  column('External-IP', (service) => {
    const ingress = items(at(service, 'status', 'loadBalancer', 'ingress'));
    const external = at(service, 'spec', 'externalIPs');
    const found = [
      ...ingress.map((entry) => String(entry.ip ?? entry.hostname)),
      ...(Array.isArray(external) ? external.map(String) : []),
    ];
    if (found.length > 0) return found.join(',');
    return at(service, 'spec', 'type') === 'LoadBalancer' ? '<pending>' : '<none>';
  }),
  column('Port(s)', (service) => {
    const ports = items(at(service, 'spec', 'ports')).map(
      ({ port, nodePort, protocol }) =>
        `${String(port)}${nodePort === undefined ? '' : `:${String(nodePort)}`}/${String(protocol ?? 'TCP')}`,
    );
    return ports.length === 0 ? '<none>' : ports.join(',');
  }),
  ageColumn,
  column('Selector', (service) => selectorText(at(service, 'spec', 'selector')), wide),
];

export const nodeColumns: ComputedColumn[] = [
  column('Status', (node) => {
    const ready = items(at(node, 'status', 'conditions')).find(
      (condition) => condition.type === 'Ready',
    );
    const state = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
    return at(node, 'spec', 'unschedulable') === true ? `${state},SchedulingDisabled` : state;
  }),
  column('Roles', (node) => {
    const prefix = 'node-role.kubernetes.io/';
    const roles = Object.keys(node.metadata.labels ?? {}).filter((key) => key.startsWith(prefix));
    return roles.length === 0 ? '<none>' : roles.map((key) => key.slice(prefix.length)).join(',');
  }),
  ageColumn,
  path('Version', 'status', 'nodeInfo', 'kubeletVersion'),
];

export const readyColumn = column(
  'Ready',
  (object) =>
    `${count(at(object, 'status', 'readyReplicas'))}/${count(at(object, 'spec', 'replicas') ?? 1)}`,
);
