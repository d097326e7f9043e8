import { expect, test } from 'vitest';
import { analyze } from './analyze.ts';
import { istRules } from './rules/ist/index.ts';
import { loadTexts } from './sources/load.ts';
import { suppress } from './suppress.ts';

const now = Date.UTC(2026, 0, 1);

test('an annotation hides findings on its own resource, not on one of another kind with the same name', () => {
  const text = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {selector: {app: nobody}, servers: [{hosts: ["*"], port: {number: 80, name: http, protocol: HTTP}}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop, annotations: {galley.istio.io/analyze-suppress: "*"}}
spec: {gatewayClassName: istio, listeners: []}
status: {conditions: [{type: Programmed, status: "False", reason: Pending, message: no address}]}
`;
  const { snapshot } = loadTexts([{ file: 'a.yaml', text }]);
  const { findings, suppressed } = suppress(analyze(snapshot, { rules: istRules, now }), [], now);
  expect(findings.map(({ code, resource }) => `${code} ${resource}`)).toContain(
    'IST0101 Gateway shop/edge',
  );
  expect(suppressed.map(({ finding }) => finding.code)).toEqual(['IST0171']);
});
