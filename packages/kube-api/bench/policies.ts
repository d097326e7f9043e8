const PATH = '/apis/networking.istio.io/v1/namespaces/default/virtualservices';

export const virtualServices = PATH;
export const policyName = (index: number): string => `policy-${String(index).padStart(6, '0')}`;

/** A VirtualService of usual size (about 700 bytes as sent). `revision` varies its timeout. */
export function policy(
  index: number,
  revision = 0,
  annotation?: string,
): { path: string; name: string; body: string } {
  const name = policyName(index);
  const body = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: {
      name,
      namespace: 'default',
      labels: { app: 'shop', team: `team-${index % 7}` },
      ...(annotation === undefined ? {} : { annotations: { 'bench/sent': annotation } }),
    },
    spec: {
      hosts: [`${name}.shop.svc.cluster.local`],
      gateways: ['mesh'],
      http: [
        {
          name: 'canary',
          match: [{ headers: { 'x-canary': { exact: 'true' } }, uri: { prefix: '/api' } }],
          route: [
            { destination: { host: name, subset: 'v2', port: { number: 8080 } }, weight: 100 },
          ],
        },
        {
          name: 'main',
          timeout: `${5 + revision}s`,
          retries: { attempts: 3, perTryTimeout: '2s', retryOn: '5xx,reset' },
          route: [
            { destination: { host: name, subset: 'v1', port: { number: 8080 } }, weight: 90 },
            { destination: { host: name, subset: 'v2', port: { number: 8080 } }, weight: 10 },
          ],
        },
      ],
    },
  };
  return { path: PATH, name, body: JSON.stringify(body) };
}
