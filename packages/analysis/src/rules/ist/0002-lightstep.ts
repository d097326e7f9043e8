import { defineRule } from '../../rule.ts';

export const lightstepProvider = defineRule({
  id: 'IST0002/lightstep',
  code: 'IST0002',
  severity: 'warning',
  title: 'Tracing through the Lightstep provider',
  explanation:
    'The `lightstep` extension provider is deprecated: Envoy dropped it, and Lightstep (ServiceNow Cloud Observability) takes OpenTelemetry.',
  howToFix: 'Define an `opentelemetry` provider in the mesh configuration, and name that.',
  cause: "The tracing provider is one of Lightstep's.",
  consequence: 'Traces stop with a later release of Istio.',
  kinds: ['Telemetry'],
  reads: ['MeshConfig'],
  check: (subject, view, report) => {
    const tracing = subject.spec.tracing ?? [];
    if (tracing.length === 0) return;
    const providers = view.mesh().extensionProviders ?? [];
    const lightstep = new Set(
      providers.filter((provider) => provider['lightstep']).map(({ name }) => name ?? ''),
    );
    for (const [at, entry] of tracing.entries()) {
      for (const [index, { name = '' }] of (entry.providers ?? []).entries()) {
        if (!lightstep.has(name)) continue;
        report({
          message: `Provider "${name}" is a Lightstep provider, which is deprecated; use an OpenTelemetry one`,
          istioText: name,
          path: ['spec', 'tracing', at, 'providers', index, 'name'],
        });
      }
    }
  },
  examples: [
    {
      title: 'traces sent to Lightstep',
      aspect: 'positive',
      meshConfig: `extensionProviders: [{name: ls, lightstep: {service: a.example.com, port: 443}}]`,
      yaml: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: traces, namespace: istio-system}
spec: {tracing: [{providers: [{name: ls}]}]}
`,
      expect: [
        {
          resource: 'Telemetry istio-system/traces',
          path: 'spec.tracing[0].providers[0].name',
          line: 5,
        },
      ],
    },
    {
      title: 'traces sent to OpenTelemetry',
      aspect: 'negative',
      meshConfig: `extensionProviders: [{name: otel, opentelemetry: {service: a.example.com, port: 443}}]`,
      yaml: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: traces, namespace: istio-system}
spec: {tracing: [{providers: [{name: otel}]}]}
`,
      expect: [],
    },
  ],
});
