import { defineRule } from '../../rule.ts';
import { fullName } from '../../resource.ts';

export const accessLogWithoutProvider = defineRule({
  id: 'IST0157/telemetry',
  code: 'IST0157',
  severity: 'warning',
  title: 'Access log without a provider',
  explanation:
    'The Telemetry switches access logs on but names no provider, and the mesh has no default one (`defaultProviders.accessLogging`).',
  howToFix:
    'Name a provider (`providers: [{name: envoy}]` writes to standard output), or set a default one in the mesh configuration.',
  cause: 'Neither the Telemetry nor the mesh names a provider of access logs.',
  consequence: 'Nothing is logged.',
  kinds: ['Telemetry'],
  reads: ['MeshConfig'],
  check: (subject, view, report) => {
    const entries = subject.spec.accessLogging ?? [];
    if (entries.length === 0) return;
    if ((view.mesh().defaultProviders?.accessLogging ?? []).length > 0) return;
    for (const [at, { disabled, providers }] of entries.entries()) {
      if (disabled === true || (providers ?? []).length > 0) continue;
      const path = ['spec', 'accessLogging', at];
      report({
        message: `Telemetry ${fullName(subject)} names no provider of access logs, and the mesh has no default one`,
        istioText: '',
        path,
        fix: {
          title: 'Write to standard output: the provider "envoy"',
          patch: [
            {
              op: 'add',
              path: `/spec/accessLogging/${at}/providers`,
              value: [{ name: 'envoy' }],
            },
          ],
        },
      });
    }
  },
  examples: [
    {
      title: 'access logs without a provider',
      aspect: 'positive',
      yaml: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: logs, namespace: shop}
spec:
  accessLogging:
  - filter: {expression: response.code >= 400}
`,
      expect: [{ resource: 'Telemetry shop/logs', path: 'spec.accessLogging[0]', line: 7 }],
    },
    {
      title: 'a provider, and access logs that are switched off',
      aspect: 'negative',
      yaml: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: logs, namespace: shop}
spec: {accessLogging: [{providers: [{name: envoy}]}, {disabled: true}]}
`,
      expect: [],
    },
    {
      title: 'a default provider of the mesh',
      aspect: 'negative',
      meshConfig: 'defaultProviders: {accessLogging: [envoy]}',
      yaml: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: logs, namespace: shop}
spec: {accessLogging: [{}]}
`,
      expect: [],
    },
  ],
});
