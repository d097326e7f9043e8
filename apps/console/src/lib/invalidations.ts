import type { ChangeEvent } from '@ambit/contracts/events';

/** A partial TanStack key as tRPC builds it: path, then the part of the input that must match. */
export type KeyPattern =
  | [path: string[]]
  | [path: string[], match: { input: Record<string, string> }];

const all = (...path: string[]): KeyPattern => [path];
const of = (domain: string, verb: string, input: Record<string, string>): KeyPattern => [
  [domain, verb],
  { input },
];

const enrolment = (meshId: string): KeyPattern[] =>
  [
    ['enrolment', 'list'],
    ['enrolment', 'get'],
    ['enrolment', 'pair'],
    ['path', 'get'],
    ['guard', 'get'],
    ['ambient', 'nodes'],
    ['ambient', 'namespaces'],
  ].map(([domain = '', verb = '']) => of(domain, verb, { meshId }));

const mesh = (meshId: string): KeyPattern[] => [
  all('mesh', 'list'),
  of('mesh', 'get', { meshId }),
  of('mesh', 'workloads', { meshId }),
  of('mesh', 'objects', { meshId }),
  of('mesh', 'upgradeCheck', { meshId }),
  of('mesh', 'deleteCheck', { meshId }),
  ...enrolment(meshId),
];

/** Which queries an event makes old. Pure; the console refetches those of them that are on screen. */
export function invalidationsFor(event: ChangeEvent): KeyPattern[] {
  const { resourceId, parentId } = event;
  switch (event.topic) {
    case 'organisation':
      return [all('me')];
    case 'project':
      return [all('project')];
    case 'member':
      return [all('member'), all('invitation'), all('me')];
    case 'token':
      return [all('token')];
    case 'cluster':
      return [
        all('cluster', 'list'),
        of('cluster', 'get', { clusterId: resourceId }),
        of('cluster', 'namespaces', { clusterId: resourceId }),
        of('sandbox', 'get', { clusterId: resourceId }),
        ...(parentId ? mesh(parentId) : []),
      ];
    case 'mesh':
      return [
        ...mesh(resourceId),
        all('cluster', 'list'),
        all('cluster', 'get'),
        all('release'),
        ...(event.change === 'updated' ? [] : [all('project')]),
      ];
    case 'operation':
      return [
        all('operation', 'list'),
        of('operation', 'get', { operationId: resourceId }),
        ...(parentId ? [all('mesh', 'list'), of('mesh', 'get', { meshId: parentId })] : []),
      ];
    case 'operation-log':
      return [of('operation', 'logs', { operationId: resourceId })];
    case 'policy':
      return [
        of('policy', 'get', { policyId: resourceId }),
        of('policy', 'history', { policyId: resourceId }),
        ...(parentId
          ? [
              of('policy', 'list', { meshId: parentId }),
              of('policy', 'targets', { meshId: parentId }),
              of('mesh', 'get', { meshId: parentId }),
            ]
          : [all('policy', 'list'), all('policy', 'targets')]),
      ];
    case 'object':
      return [
        all('direct'),
        all('policy', 'get'),
        all('policy', 'list'),
        all('certificate'),
        ...(parentId ? enrolment(parentId) : []),
      ];
    case 'finding':
      return [all('finding'), all('diagnosis'), all('ruleSetting'), all('certificate')];
    case 'alert':
      return [all('alert'), all('alertRule'), all('silence')];
    case 'waypoint':
      return [all('waypoint'), all('waypointPool'), all('waypointReclaim')];
    case 'objective':
      return [all('objective')];
    case 'alert-route':
      return [all('alertRoute'), all('alertDelivery')];
    case 'topology':
      return [of('topology', 'get', { meshId: resourceId })];
    case 'integration':
      return [all('integration')];
    case 'audit':
      return [all('audit')];
  }
}

/** The same patterns without repetition, for a batch of events. */
export function invalidationsForAll(events: ChangeEvent[]): KeyPattern[] {
  const seen = new Map(events.flatMap(invalidationsFor).map((key) => [JSON.stringify(key), key]));
  return [...seen.values()];
}
