import { sameInAmbient } from '../shared/example.ts';
import { defineRule } from '../../rule.ts';

const route = (destination: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - route:
    - destination: ${destination}
`;

export const unknownField = defineRule({
  id: 'AMB0019/istio',
  code: 'AMB0019',
  severity: 'error',
  title: 'The kind has no such field',
  explanation:
    'The object has a field that its kind does not have: a typing error, a field of another kind, or one of a later release. Istio’s webhook refuses it; where it was stored without the webhook, istiod passes over it. istioctl analyze says nothing of it.',
  howToFix:
    'Correct the name of the field (the message says which is meant, where one is near), or delete it.',
  cause: 'Neither the kind nor its schema in this release knows the field.',
  consequence: 'The object is refused when it is applied; what the field was to say does not hold.',
  kinds: [
    'VirtualService',
    'DestinationRule',
    'Gateway',
    'ServiceEntry',
    'Sidecar',
    'WorkloadEntry',
    'WorkloadGroup',
    'EnvoyFilter',
    'ProxyConfig',
    'AuthorizationPolicy',
    'RequestAuthentication',
    'PeerAuthentication',
    'Telemetry',
    'WasmPlugin',
    'TrafficExtension',
  ],
  reads: [],
  check: ({ unknownFields = [] }, _view, report) => {
    for (const { message, path } of unknownFields) {
      report({ message: `"${path.at(-1)}": ${message}`, path });
    }
  },
  examples: sameInAmbient('shop', [
    {
      title: 'a typing error',
      aspect: 'positive',
      yaml: route('{hosts: web}'),
      expect: [
        {
          resource: 'VirtualService shop/web',
          path: 'spec.http[0].route[0].destination.hosts',
          message: 'did you mean "host"?',
          line: 9,
        },
      ],
    },
    {
      title: 'a field beside spec',
      aspect: 'positive',
      yaml: `${route('{host: web}')}gateways: [mesh]\n`,
      expect: [{ resource: 'VirtualService shop/web', path: 'gateways' }],
    },
    {
      title: 'both spellings of a field, and a status',
      aspect: 'negative',
      yaml: `${route('{host: web}')}  export_to: ["*"]\nstatus: {observedGeneration: 1}\n`,
      expect: [],
    },
  ]),
});
