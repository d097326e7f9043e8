import { makeWaypoints, type WaypointsInput } from '@ambit/agent/controllers/waypoint/manager';
import type { WaypointsTold } from '@ambit/agent/controllers/waypoint/sender';
import type { Cluster } from '@ambit/agent/kube/objects';
import type { PodHttp } from '@ambit/agent/kube/pod-http';
import {
  poolSpecSchema,
  type NamedPool,
  type ReportedWaypoint,
  type WaypointSettings,
} from '@ambit/contracts/agent/waypoint';
import { Readable } from 'node:stream';
import type { NewObject } from '../objects.ts';

/** Times of simulated kubelets that tests can wait for. */
export const testPace = {
  pullMs: 10,
  initMs: 5,
  readyMs: 10,
  stopMs: 10,
  jobMs: 10,
  restartMs: 100,
};

/** Of a pool whose number of replicas nobody changes, unless `spec` says otherwise. */
export const pool = (name: string, spec: object = {}): NamedPool => ({
  name,
  spec: poolSpecSchema.parse({ kind: 'shared', scaling: { by: 'fixed' }, ...spec }),
});

export const settings = (...pools: NamedPool[]): WaypointSettings => ({
  rootNamespace: 'istio-system',
  pools,
});

/** A Gateway that asks for a waypoint, named `waypoint`. */
export const gateway = (
  namespace: string,
  className: string,
  more: { metadata?: object; spec?: object } = {},
): NewObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'waypoint', namespace, ...more.metadata },
  spec: {
    gatewayClassName: className,
    listeners: [{ name: 'mesh', port: 15_008, protocol: 'HBONE' }],
    ...more.spec,
  },
});

/** Metrics of replicas, as Envoy shows them: each of them has so many active requests. */
export const busy = (active: () => number): PodHttp => ({
  get: async () =>
    Readable.from([
      Buffer.from(`envoy_http_downstream_rq_active{p="inbound"} ${active()}\n`),
    ]) as never,
});
const silent: PodHttp = { get: () => Promise.reject(new Error('no replica can be reached')) };

export interface ControlledWaypoints {
  want(settings: WaypointSettings | null): void;
  wake(namespace: string): Promise<string>;
  /** The waypoint of a namespace, as it was told last. */
  of(namespace: string): ReportedWaypoint | undefined;
  told(): WaypointsTold | undefined;
  /** Looks in a row at which there was nothing to do. */
  quietLooks(): number;
  /** Lines of its log. */
  said: string[];
  end(): Promise<void>;
}

/** Runs the agent's controller of waypoints, with short times, until it is ended; that may be at any moment. */
export function controlWaypoints(
  cluster: Cluster,
  wanted: WaypointSettings | null,
  http: PodHttp = silent,
  more: Partial<Pick<WaypointsInput, 'sleep' | 'nowMs'>> = {},
): ControlledWaypoints {
  const stopping = new AbortController();
  const said: string[] = [];
  let quiet = 0;
  let told: WaypointsTold | undefined;
  const waypoints = makeWaypoints({
    cluster,
    agentNamespace: 'ambit-system',
    http,
    nowMs: () => Date.now(),
    say: (level, message) => said.push(`${level} ${message}`),
    tell: (now) => (told = now),
    onLook: ({ actions }) => (quiet = actions > 0 ? 0 : quiet + 1),
    timing: { settleMs: 10, figuresEveryMs: 30, askEveryMs: 200 },
    ...more,
  });
  waypoints.want(wanted);
  const done = waypoints.run(stopping.signal).catch(() => {});
  return {
    want: waypoints.want,
    wake: (namespace) => waypoints.wake({ namespace, name: 'waypoint' }, () => {}, stopping.signal),
    of: (namespace) => told?.waypoints.find((one) => one.namespace === namespace),
    told: () => told,
    quietLooks: () => quiet,
    said,
    end: async () => {
      stopping.abort();
      await done;
    },
  };
}
