import type { Caller } from '@ambit/lab/testing/caller';
import {
  accountOf,
  brokenServer,
  callerClient,
  echoPort,
  echoServer,
  namespaceOf,
  service,
  waypointOf,
} from '@ambit/lab/testing/workloads';
import type { Kubectl } from '@ambit/run/testing/kubectl';
import { stringify } from 'yaml';

export const namespace = 'mall';
export const waypoint = 'waypoint';

/** Who sends: `client` is allowed more than `other` by policies; `outside` is in no mesh. */
export interface Traffic {
  kubectl: Kubectl;
  client: Caller;
  other: Caller;
  outside: Caller;
}

/** A name for each feature, on the same two servers, so that all are set up at once and tried beside each other. */
export const urlOf = (name: string, path = '/'): string =>
  `http://${name}.${namespace}:${echoPort}${path}`;

const both = { app: 'echo' };
const throughWaypoint = { 'istio.io/use-waypoint': waypoint };

const featureServices = [
  'routed',
  'retried',
  'hurried',
  'faulty',
  'mirrored',
  'edited',
  'signed',
  'guarded',
  'narrow',
  'limited',
  'logged',
] as const;

/** The namespace's objects. Services of features are there without the waypoint's label: enrolment puts it on. */
export const objects = [
  namespaceOf(namespace),
  namespaceOf('street'),
  ...['echo', 'client', 'other'].map((name) => accountOf(namespace, name)),
  echoServer({ name: 'echo-v1', namespace, account: 'echo' }, 'v1'),
  echoServer({ name: 'echo-v2', namespace, account: 'echo' }, 'v2'),
  brokenServer({ name: 'broken', namespace, account: 'echo', podLabels: { pool: 'mixed' } }, 500),
  echoServer(
    {
      name: 'whole',
      namespace,
      account: 'echo',
      podLabels: { pool: 'mixed' },
      labels: { app: 'whole' },
    },
    'whole',
  ),
  callerClient({ name: 'client', namespace, account: 'client' }),
  callerClient({ name: 'other', namespace, account: 'other' }),
  callerClient({ name: 'outside', namespace: 'street' }),
  service(namespace, 'plain', both),
  service(namespace, 'v1', { ...both, version: 'v1' }),
  service(namespace, 'v2', { ...both, version: 'v2' }),
  service(namespace, 'mixed', { pool: 'mixed' }, throughWaypoint),
  ...featureServices.map((name) => service(namespace, name, both, throughWaypoint)),
];

export const gateway = waypointOf(namespace, waypoint, { 'istio.io/waypoint-for': 'service' });

export const yamlOf = (list: object[]): string =>
  list.map((each) => `---\n${stringify(each)}`).join('');

/** Logs of the pods of a deployment since a moment ago. */
export const logsOf = (kubectl: Kubectl, deployment: string): Promise<string> =>
  kubectl.do(`logs -n ${namespace} deployment/${deployment} --tail=400`);
