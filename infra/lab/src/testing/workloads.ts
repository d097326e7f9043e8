import type { KubeObject } from '@ambit/contracts/common';
import { appImage } from '../images/catalogue.ts';

export const echoPort = 8080;

interface Workload {
  name: string;
  namespace: string;
  /** Beside `app: NAME`. */
  labels?: Record<string, string>;
  /** Of the pod alone. */
  podLabels?: Record<string, string>;
  account?: string;
  replicas?: number;
}

const deployment = (
  { name, namespace, labels, podLabels, account, replicas }: Workload,
  container: Record<string, unknown>,
): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace, labels: { app: name, ...labels } },
  spec: {
    replicas: replicas ?? 1,
    selector: { matchLabels: { deployment: name } },
    template: {
      metadata: { labels: { app: name, ...labels, ...podLabels, deployment: name } },
      spec: {
        ...(account ? { serviceAccountName: account } : {}),
        terminationGracePeriodSeconds: 2,
        containers: [{ name: 'main', image: appImage, imagePullPolicy: 'Never', ...container }],
      },
    },
  },
});

const ready = (path: string) => ({
  readinessProbe: { httpGet: { path, port: echoPort }, periodSeconds: 1 },
});

/** Istio's echo server; `?codes=503:50,200:50` and `?delay=1s` make it fail and wait as asked. */
export const echoServer = (workload: Workload, version: string): KubeObject =>
  deployment(
    { ...workload, labels: { app: 'echo', version, ...workload.labels } },
    { args: ['--port', String(echoPort), '--version', version], ...ready('/') },
  );

/** A server that is ready and answers everything with one status. */
export const brokenServer = (workload: Workload, status: number): KubeObject =>
  deployment(workload, {
    command: ['caller', 'answer', `:${echoPort}`, String(status)],
    ...ready('/ready'),
  });

/** Sends requests when it is told to (caller.ts). */
export const callerClient = (workload: Workload): KubeObject =>
  deployment(workload, { command: ['caller'] });

export const service = (
  namespace: string,
  name: string,
  selector: Record<string, string>,
  labels: Record<string, string> = {},
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace, labels },
  spec: { selector, ports: [{ name: 'http', port: echoPort, targetPort: echoPort }] },
});

export const namespaceOf = (name: string, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});

export const accountOf = (namespace: string, name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace },
});

/** The recipe of a waypoint: a Gateway of Istio's class (istio.io, "Configure waypoint proxies"). */
export const waypointOf = (
  namespace: string,
  name: string,
  labels: Record<string, string> = {},
): KubeObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name, namespace, labels },
  spec: {
    gatewayClassName: 'istio-waypoint',
    listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE' }],
  },
});
