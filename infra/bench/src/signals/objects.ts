import type { KubeObject } from '@ambit/contracts/common';
import {
  accountOf,
  brokenServer,
  callerClient,
  echoPort,
  echoServer,
  namespaceOf,
  service,
} from '@ambit/lab/testing/workloads';
import { namespace } from '../waypoint/ground.ts';

/** Sidecars, beside the waypoint of the other namespace. */
export const sidecars = 'bench-sidecars';
export const waypoint = 'waypoint';
export const counted = 'counted';
export const hurt = 'hurt';
export const harmed = 'harmed';

export const urlOf = (of: string, name: string): string => `http://${name}.${of}:${echoPort}/`;

const throughWaypoint = { 'istio.io/use-waypoint': waypoint };

/** Whose traffic is counted, and whose fails: Services of the ground's servers, through the waypoint. */
export const waypointServices = [counted, hurt].map((name) =>
  service(namespace, name, { app: 'echo' }, throughWaypoint),
);

export const sidecarObjects = [
  namespaceOf(sidecars, { 'istio-injection': 'enabled' }),
  ...['echo', 'client'].map((name) => accountOf(sidecars, name)),
  echoServer({ name: 'echo-v1', namespace: sidecars, account: 'echo' }, 'v1'),
  callerClient({ name: 'client', namespace: sidecars, account: 'client' }),
  brokenServer({ name: 'broken', namespace: sidecars, account: 'echo' }, 503),
  service(sidecars, counted, { app: 'echo' }),
  service(sidecars, harmed, { app: 'echo' }),
];

/** The Service that is harmed, with servers that answer or with one that answers 503 to everything. */
export const harmedBy = (app: 'echo' | 'broken'): KubeObject => service(sidecars, harmed, { app });

const telemetry = (of: string, more: object): KubeObject => ({
  apiVersion: 'telemetry.istio.io/v1',
  kind: 'Telemetry',
  metadata: { name: 'access-logs', namespace: of },
  spec: { accessLogging: [{ providers: [{ name: 'envoy' }] }], ...more },
});

/** Access logs of every proxy of the mesh, and of the waypoint, which a Telemetry has to name. */
export const accessLogs = [
  telemetry('istio-system', {}),
  telemetry(namespace, {
    targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: waypoint }],
  }),
];

const host = `${hurt}.${namespace}.svc.cluster.local`;

/** An injected failure of every request to the Service that is hurt. */
export const abort: KubeObject = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'abort', namespace },
  spec: {
    hosts: [host],
    http: [
      {
        fault: { abort: { httpStatus: 503, percentage: { value: 100 } } },
        route: [{ destination: { host, port: { number: echoPort } } }],
      },
    ],
  },
};
