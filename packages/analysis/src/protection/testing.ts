import type { AdmissionSettings } from '../admission/settings.ts';
import type { Change } from '../incremental.ts';
import type { Labels } from '../kubernetes.ts';
import { readObject } from '../read-object.ts';
import type { Resource } from '../resource.ts';

/** Objects of a mesh for tests of what writes end, and the settings of a mesh whose guards are kept. */
export type Plain = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Labels };
  spec?: unknown;
};

const apiVersions: Record<string, string> = {
  Namespace: 'v1',
  Service: 'v1',
  Pod: 'v1',
  Deployment: 'apps/v1',
  Gateway: 'gateway.networking.k8s.io/v1',
  HTTPRoute: 'gateway.networking.k8s.io/v1',
  ServiceEntry: 'networking.istio.io/v1',
};

export function plain(what: string, spec?: unknown, labels: Labels = {}): Plain {
  const [kind = '', where = ''] = what.split(' ');
  const [namespace, name] = where.includes('/') ? where.split('/') : [undefined, where];
  return {
    apiVersion: apiVersions[kind] ?? 'security.istio.io/v1',
    kind,
    metadata: { name: name ?? '', ...(namespace ? { namespace } : {}), labels },
    ...(spec === undefined ? {} : { spec }),
  };
}

export function resourceOf(object: Plain): Resource {
  const read = readObject(object);
  if (!('resource' in read)) throw new Error(`cannot be read: ${JSON.stringify(read)}`);
  return read.resource;
}

export const put = (object: Plain): Change => ({ put: resourceOf(object) });
export const remove = (object: Plain): Change => ({ remove: resourceOf(object).id });

export const waypointOf = (where: string, labels: Labels = {}, from = 'Same'): Plain =>
  plain(
    `Gateway ${where}`,
    {
      gatewayClassName: 'istio-waypoint',
      listeners: [
        {
          name: 'mesh',
          port: 15008,
          protocol: 'HBONE',
          allowedRoutes: { namespaces: { from } },
        },
      ],
    },
    labels,
  );

export const serviceOf = (where: string, labels: Labels = {}): Plain =>
  plain(
    `Service ${where}`,
    {
      selector: { app: where.split('/')[1] },
      ports: [{ name: 'http', port: 80 }],
    },
    labels,
  );

/** Pods of `app: name`; with a sidecar when asked. */
export const podOf = (where: string, labels: Labels = {}, hasSidecar = false): Plain =>
  plain(
    `Pod ${where}-1`,
    {
      serviceAccountName: where.split('/')[1],
      containers: [
        { name: 'app', image: 'app' },
        ...(hasSidecar ? [{ name: 'istio-proxy', image: 'proxyv2' }] : []),
      ],
    },
    { app: where.split('/')[1] ?? '', ...labels },
  );

export const deploymentOf = (where: string, labels: Labels = {}): Plain => {
  const app = where.split('/')[1] ?? '';
  return plain(`Deployment ${where}`, {
    selector: { matchLabels: { app } },
    template: {
      metadata: { labels: { app, ...labels } },
      spec: { containers: [{ name: 'app', image: 'app' }] },
    },
  });
};

/** Lets whoever is in the mesh read, and nobody write. */
export const getOnly = (where: string, ...targetRefs: string[]): Plain =>
  plain(`AuthorizationPolicy ${where}`, {
    ...(targetRefs.length > 0
      ? {
          targetRefs: targetRefs.map((ref) => {
            const [kind = '', name = ''] = ref.split(' ');
            return { group: groups[kind] ?? '', kind, name };
          }),
        }
      : {}),
    rules: [{ to: [{ operation: { methods: ['GET'] } }] }],
  });

const groups: Record<string, string> = {
  Gateway: 'gateway.networking.k8s.io',
  GatewayClass: 'gateway.networking.k8s.io',
  ServiceEntry: 'networking.istio.io',
};

export const guardOf = (where: string, ...waypoints: string[]): Plain => {
  const [, app = ''] = where.split('/');
  return plain(
    `AuthorizationPolicy ${where.replace('/', '/ambit-guard-')}`,
    {
      selector: { matchLabels: { app } },
      action: 'DENY',
      rules: [
        {
          from: [
            {
              source: {
                notPrincipals: waypoints.map((one) => {
                  const [namespace, name] = one.split('/');
                  return `cluster.local/ns/${namespace}/sa/${name}`;
                }),
              },
            },
          ],
        },
      ],
    },
    { 'ambit.dev/guard': app },
  );
};

/** As the guard's mode `keep` sets them. */
export const kept: AdmissionSettings = {
  modes: new Map([
    ['*', 'off'],
    ...['AMB0001', 'AMB0003', 'AMB0032', 'AMB0041'].map((code) => [code, 'deny'] as const),
  ]),
  suppressions: [],
};
