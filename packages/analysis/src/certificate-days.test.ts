import { expect, it } from 'vitest';
import { analyze } from './analyze.ts';
import { certificateExpiresSoon } from './rules/amb/0022-certificate-expiry.ts';
import { exampleCertificate } from './rules/shared/certificate.ts';
import { doc, docs } from './rules/shared/example.ts';
import { loadTexts } from './sources/load.ts';

const text = docs(
  doc(
    'KubernetesGateway edge/main',
    'spec: {gatewayClassName: istio, listeners: [{name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: shop}]}}]}',
  ),
  doc('Secret edge/shop', `data: {tls.crt: ${exampleCertificate}, tls.key: a2V5}`),
);

/** What is said of a certificate that ends on 2036-11-22 at 03:01:57 UTC. */
const said = (now: string, certificateDays?: number): string[] =>
  analyze(loadTexts([{ file: 'edge.yaml', text }]).snapshot, {
    rules: [certificateExpiresSoon],
    now: Date.parse(now),
    ...(certificateDays === undefined ? {} : { certificateDays }),
  }).map(({ message }) => message);

it('counts the days that are left, one in the singular', () => {
  expect(said('2036-11-21T12:00:00Z')).toEqual([expect.stringMatching(/2036-11-22, in 1 day$/)]);
  expect(said('2036-11-20T12:00:00Z')).toEqual([expect.stringMatching(/2036-11-22, in 2 days$/)]);
});

it('tells of it as many days before as it is asked to, 30 else', () => {
  expect(said('2036-10-15T00:00:00Z')).toEqual([]);
  expect(said('2036-10-15T00:00:00Z', 60)).toHaveLength(1);
  expect(said('2036-11-01T00:00:00Z', 10)).toEqual([]);
});
