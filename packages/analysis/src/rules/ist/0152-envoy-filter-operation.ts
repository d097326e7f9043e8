import { defineRule } from '../../rule.ts';
import type { Rule } from '../../rule.ts';
import { patchesOf, replaceable, routeTargets } from './0151-envoy-filter-relative.ts';

type Operation = { name: string; cannot: (applyTo: unknown) => boolean };

const common = {
  severity: 'error',
  howToFix: 'Use an operation that exists for this `applyTo`: MERGE changes what is there.',
  cause: 'The operation has no meaning for this kind of configuration.',
  consequence: 'The patch is silently left out.',
} as const;

function check({ name, cannot }: Operation): Rule<'EnvoyFilter'>['check'] {
  return (subject, _view, report) => {
    for (const [index, { patch, applyTo }] of patchesOf(subject)) {
      if (patch.operation !== name || !cannot(applyTo)) continue;
      const path = ['spec', 'configPatches', index, 'patch'];
      report({
        message: `Patch ${index}: ${name} does nothing for ${applyTo ?? 'a patch without applyTo'}`,
        istioText: '',
        path: [...path, 'operation'],
        istioPath: [...path, 'value'],
      });
    }
  };
}

const example = (applyTo: string, operation: string): string => `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: patch, namespace: shop}
spec:
  priority: 10
  configPatches:
  - applyTo: ${applyTo}
    patch: {operation: ${operation}, value: {name: x}}
`;

const found = [
  { resource: 'EnvoyFilter shop/patch', path: 'spec.configPatches[0].patch.operation' },
];

export const envoyFilterReplace = defineRule({
  ...common,
  id: 'IST0152/envoy-filter',
  code: 'IST0152',
  title: 'EnvoyFilter replaces what cannot be replaced',
  explanation: 'REPLACE is possible for HTTP filters, network filters and virtual hosts only.',
  kinds: ['EnvoyFilter'],
  reads: [],
  check: check({
    name: 'REPLACE',
    cannot: (applyTo) => !replaceable.includes(applyTo),
  }),
  examples: [
    {
      title: 'REPLACE of a cluster',
      aspect: 'positive',
      yaml: example('CLUSTER', 'REPLACE'),
      expect: found,
    },
    {
      title: 'REPLACE of an HTTP filter',
      aspect: 'negative',
      yaml: example('HTTP_FILTER', 'REPLACE'),
      expect: [],
    },
  ],
});

export const envoyFilterAdd = defineRule({
  ...common,
  id: 'IST0153/envoy-filter',
  code: 'IST0153',
  title: 'EnvoyFilter adds what cannot be added',
  explanation: 'ADD is not possible for route configurations and routes.',
  kinds: ['EnvoyFilter'],
  reads: [],
  check: check({
    name: 'ADD',
    cannot: (applyTo) => routeTargets.includes(applyTo),
  }),
  examples: [
    {
      title: 'ADD of a route',
      aspect: 'positive',
      yaml: example('HTTP_ROUTE', 'ADD'),
      expect: found,
    },
    {
      title: 'ADD of a cluster',
      aspect: 'negative',
      yaml: example('CLUSTER', 'ADD'),
      expect: [],
    },
  ],
});

export const envoyFilterRemove = defineRule({
  ...common,
  id: 'IST0154/envoy-filter',
  code: 'IST0154',
  title: 'EnvoyFilter removes what cannot be removed',
  explanation: 'REMOVE is not possible for route configurations and routes.',
  kinds: ['EnvoyFilter'],
  reads: [],
  check: check({
    name: 'REMOVE',
    cannot: (applyTo) => routeTargets.includes(applyTo),
  }),
  examples: [
    {
      title: 'REMOVE of a route configuration',
      aspect: 'positive',
      yaml: example('ROUTE_CONFIGURATION', 'REMOVE'),
      expect: found,
    },
    {
      title: 'REMOVE of a listener',
      aspect: 'negative',
      yaml: example('LISTENER', 'REMOVE'),
      expect: [],
    },
  ],
});
