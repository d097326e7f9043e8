import { describe, expect, it } from 'vitest';
import { exampleCertificate } from '@ambit/analysis/rules/shared/certificate';
import { certificateList } from '@ambit/contracts/operations/certificate';
import {
  diagnosisGet,
  diagnosisReport,
  diagnosisUpdate,
} from '@ambit/contracts/operations/finding';
import { operationGet } from '@ambit/contracts/operations/lifecycle';
import { advance } from '../lifecycle/advance.ts';
import { standInRenderer } from '../testing/stand-in-renderer.ts';
import {
  apply,
  clock,
  diagnose,
  gateway,
  list,
  meshId,
  namespace,
  platform,
  putFacts,
  tenant,
  useMesh,
} from './testing/mesh.ts';

useMesh();

describe('findings', () => {
  it('of certificates are told in time, and of accounts, only when the cluster tells those kinds', async () => {
    const credential = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: tls, namespace: shop}
spec:
  selector: {istio: ingress}
  servers:
    - port: {number: 443, name: https, protocol: HTTPS}
      hosts: ['*']
      tls: {mode: SIMPLE, credentialName: shop}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: callers, namespace: shop}
spec: {rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/cart]}}]}]}
`;
    const facts = [
      namespace('shop'),
      {
        kind: 'Secret',
        apiVersion: 'v1',
        object: {
          metadata: { name: 'shop', namespace: 'edge' },
          type: 'kubernetes.io/tls',
          data: { 'tls.crt': exampleCertificate },
        },
      },
      {
        kind: 'ServiceAccount',
        apiVersion: 'v1',
        object: { metadata: { name: 'web', namespace: 'shop' } },
      },
      {
        kind: 'Pod',
        apiVersion: 'v1',
        object: { metadata: { name: 'in', namespace: 'edge', labels: { istio: 'ingress' } } },
      },
    ];
    const before = clock.nowMs;
    const codes = ['AMB0022', 'AMB0023', 'IST0101', 'IST0161', 'KIA0106'];
    const found = async () =>
      (await list()).map(({ code }) => code).filter((code) => codes.includes(code));
    clock.nowMs = Date.parse('2036-11-12T00:00:00Z');
    try {
      await apply(credential);
      await putFacts(facts);
      await diagnose();
      expect(await found()).toEqual([]);
      const { limits } = await tenant.callAs('viewer', diagnosisGet, { meshId });
      expect(limits.join()).toContain('c tells nothing of certificates');

      await putFacts(facts, 2, ['Secret', 'ServiceAccount', 'PodDisruptionBudget']);
      await diagnose();
      expect((await found()).sort()).toEqual(['AMB0023', 'KIA0106']);
      expect((await list({ code: 'AMB0023' }))[0]).toMatchObject({
        resource: 'Secret edge/shop',
        message: 'The certificate of Gateway shop/tls expires on 2036-11-22, in 11 days',
      });
      clock.nowMs = Date.parse('2036-12-01T00:00:00Z');
      await diagnose();
      expect((await found()).sort()).toEqual(['AMB0022', 'IST0161', 'KIA0106']);

      await putFacts(
        facts.filter(({ kind }) => kind !== 'Secret'),
        3,
        ['ServiceAccount'],
      );
      await diagnose();
      expect(await found()).toEqual(['KIA0106']);
    } finally {
      clock.nowMs = before;
    }
  });

  it('of the mesh’s own CA are told before it ends, as many days as are set, and stand in the list and the report', async () => {
    const end = '2036-11-22T00:00:00.000Z';
    const certificate = {
      role: 'signing',
      subject: 'O=cluster.local',
      issuer: 'O=cluster.local',
      notBefore: '2026-11-25T00:00:00.000Z',
      notAfter: end,
      fingerprint: 'AB:CD',
    };
    const authority = {
      kind: 'CertificateAuthority',
      apiVersion: 'ambit.dev/v1',
      object: {
        metadata: { name: 'istio-ca-secret', namespace: 'istio-system' },
        spec: { source: 'istio-ca-secret', isSelfSigned: true, certificates: [certificate] },
      },
    };
    const server = {
      kind: 'Secret',
      apiVersion: 'v1',
      object: {
        metadata: { name: 'shop', namespace: 'shop' },
        type: 'kubernetes.io/tls',
        data: { 'tls.crt': exampleCertificate },
      },
    };
    const unused = { ...server, object: { ...server.object, metadata: { name: 'unused' } } };
    const told = ['Secret', 'ServiceAccount', 'PodDisruptionBudget', 'CertificateAuthority'];
    const tls = gateway.replace(
      '{number: 80, name: http, protocol: HTTP}',
      '{number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: shop}',
    );
    const found = async () =>
      (await list()).filter(({ code }) => ['AMB0050', 'AMB0051'].includes(code));
    const certificates = async (more: object = {}) =>
      (await tenant.callAs('viewer', certificateList, { meshId, ...more })).items;
    const before = clock.nowMs;
    try {
      clock.nowMs = Date.parse('2036-09-22T00:00:00Z');
      await apply(tls);
      await putFacts([namespace('shop'), authority, server, unused], 1, told);
      await diagnose();
      expect(await found()).toEqual([]);
      expect(await certificates()).toMatchObject([
        {
          use: 'authority',
          source: 'Secret istio-system/istio-ca-secret',
          role: 'signing',
          isSelfSigned: true,
          notAfter: end,
          state: 'valid',
        },
        { use: 'gateway', source: 'Secret shop/shop', usedBy: ['Gateway shop/main'] },
      ]);
      expect(await certificates({ state: 'soon' })).toEqual([]);
      clock.nowMs += 1_000;
      const days = { meshId, certificateDays: 90 };
      expect(await tenant.callAs('operator', diagnosisUpdate, days)).toMatchObject({
        certificateDays: 90,
        pending: true,
      });
      await diagnose();
      expect(await found()).toMatchObject([
        {
          code: 'AMB0051',
          resource: 'CertificateAuthority istio-system/istio-ca-secret',
          message:
            "The signing certificate of the mesh's CA (Secret istio-system/istio-ca-secret) expires on 2036-11-22, in 61 days",
        },
      ]);
      expect(await certificates({ state: 'soon' })).toHaveLength(2);
      clock.nowMs = Date.parse('2036-12-22T00:00:00Z');
      await diagnose();
      expect(await found()).toMatchObject([{ code: 'AMB0050', severity: 'error' }]);

      const { operation } = await tenant.callAs('operator', diagnosisReport, { meshId });
      clock.nowMs += 1_000;
      await diagnose();
      const engine = {
        db: platform.db,
        releases: platform.releases,
        renderer: standInRenderer(),
        now: () => new Date(clock.nowMs),
      };
      expect(await advance(engine, tenant.organisationId, operation.id)).toBe('succeeded');
      const done = await tenant.callAs('viewer', operationGet, { operationId: operation.id });
      const { parts } = done.result as {
        parts: { part: string; verdict: string; details: string[] }[];
      };
      const part = parts.find((each) => each.part === 'certificates');
      expect(part?.verdict).toBe('error');
      expect(part?.details.join('\n')).toContain(
        'the signing certificate of the CA, self-signed by istiod in Secret istio-system/istio-ca-secret ended on 2036-11-22',
      );
    } finally {
      clock.nowMs = before;
    }
  });
});
