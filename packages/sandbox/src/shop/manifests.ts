import type { NewObject } from '../objects.ts';
import { imageHub, simulatedLabel } from '../simulated.ts';
import { shopNamespace, shopServices, visitors, type ShopService } from './services.ts';

/** The shop as ordinary manifests: a namespace, and for each service an account, a Service and its Deployments. */
export function shopManifests(): NewObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: shopNamespace, labels: { [simulatedLabel]: 'true' } },
    },
    ...shopServices.flatMap(serviceObjects),
    account(visitors),
    deployment({ name: visitors, app: visitors, version: 'v1', replicas: 1 }),
  ];
}

const named = (name: string, labels: Record<string, string>) => ({
  name,
  namespace: shopNamespace,
  labels: { ...labels, [simulatedLabel]: 'true' },
});

function serviceObjects(service: ShopService): NewObject[] {
  const { name, port, protocol, versions } = service;
  return [
    account(name),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: named(name, { app: name }),
      spec: { selector: { app: name }, ports: [{ name: protocol, port, targetPort: port }] },
    },
    ...versions.map(({ version, replicas }) =>
      deployment({
        name: versions.length > 1 ? `${name}-${version}` : name,
        app: name,
        version,
        replicas,
        port,
      }),
    ),
  ];
}

const account = (name: string): NewObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: named(name, { app: name }),
});

function deployment(given: {
  name: string;
  app: string;
  version: string;
  replicas: number;
  port?: number;
}): NewObject {
  const { name, app, version, replicas, port } = given;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: named(name, { app, version }),
    spec: {
      replicas,
      selector: { matchLabels: { app, version } },
      template: {
        metadata: { labels: { app, version } },
        spec: {
          serviceAccountName: app,
          containers: [
            {
              name: app,
              image: `${imageHub}/shop-${app}:${version}`,
              ...(port === undefined
                ? {}
                : {
                    ports: [{ containerPort: port }],
                    readinessProbe: { tcpSocket: { port }, periodSeconds: 5 },
                  }),
            },
          ],
        },
      },
    },
  };
}
