import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentLimits, desiredStateType, type StatusReport } from '@ambit/contracts/agent/protocol';
import { canonicalJson } from '@ambit/contracts/canonical';
import { createHash } from 'node:crypto';
import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import { bundleOf, configMap, digestOf } from '../testing/bundles.ts';
import { backoffMs } from './backoff.ts';
import { fitReport } from './fit-report.ts';
import { makeLogRing } from './log-ring.ts';
import { Untrusted, verifyBundle, verifyDesired } from './verify.ts';

describe('backoff', () => {
  it('grows to its ceiling, never beyond, and never to nothing', () => {
    fc.assert(
      fc.property(
        fc.nat(100),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const ms = backoffMs(attempt, random);
          const ceiling = Math.min(60_000, 500 * 2 ** attempt);
          expect(ms).toBeGreaterThanOrEqual(Math.floor(ceiling / 2));
          expect(ms).toBeLessThanOrEqual(ceiling);
        },
      ),
    );
  });
});

const line = (text: string) => ({
  at: '2026-11-24T12:00:00.000Z',
  bundle: 'b',
  level: 'info' as const,
  text,
});

describe('the log ring', () => {
  it('gives each line until it was taken, drops the oldest when full, and keeps what came meanwhile', () => {
    const ring = makeLogRing(3, 2);
    for (const text of ['1', '2', '3', '4']) ring.push(line(text));
    const batch = ring.peek();
    expect(batch.lines.map(({ text }) => text)).toEqual(['2', '3']);
    expect(ring.peek().lines).toEqual(batch.lines);
    ring.push(line('5'));
    batch.taken();
    batch.taken();
    expect(ring.peek().lines.map(({ text }) => text)).toEqual(['4', '5']);
  });
});

describe('a report that is too large', () => {
  const big = (nodes: number, text: string): StatusReport => ({
    bootId: 'b',
    startedAt: '2026-11-24T12:00:00.000Z',
    seq: 1,
    generation: 1,
    agent: { version: '1', pod: 'p', namespace: 'n' },
    cluster: {
      kubernetesVersion: 'v1',
      nodes: Array.from({ length: nodes }, (_, i) => ({
        name: `node-${i}-${'x'.repeat(60)}`,
        ready: true,
        version: 'v1.34.4',
        os: 'linux',
        arch: 'amd64',
      })),
      foreignIstio: [],
      gatewayApi: null,
    },
    bundles: [
      {
        name: 'b',
        digest: 'd',
        state: 'Failed',
        phase: null,
        objects: { total: 1, applied: 1, ready: 1 },
        message: text,
        errors: Array.from({ length: 50 }, () => ({
          object: null,
          reason: 'Invalid',
          message: text,
        })),
        drift: [],
        since: '2026-11-24T12:00:00.000Z',
      },
    ],
    actions: [],
    conditions: [
      {
        type: 'T',
        status: 'True',
        reason: 'R',
        message: '',
        observedGeneration: 1,
        lastTransitionTime: '2026-11-24T12:00:00.000Z',
      },
    ],
    logs: Array.from({ length: 200 }, () => line(text.slice(0, 500))),
  });

  it.each([
    [10, 'short'],
    [2000, 'short'],
    [2000, 'x'.repeat(20_000)],
  ])(
    'is cut to what the platform takes, conditions and states left whole (%i nodes)',
    (nodes, text) => {
      const report = big(nodes, text);
      const fitted = fitReport(report);
      expect(Buffer.byteLength(JSON.stringify(fitted))).toBeLessThanOrEqual(
        agentLimits.statusMaxBytes,
      );
      expect(fitted.conditions).toEqual(report.conditions);
      expect(fitted.bundles.map(({ state }) => state)).toEqual(['Failed']);
    },
  );
});

describe('what comes from the platform', () => {
  const clusterId = 'cls_01kaz5m8x0v6h2c4q7t9w3e5r1';
  const bundle = bundleOf('b', [['configuration', [configMap('n', 'a')]]]);

  async function signed(change: { gen?: number; sub?: string; typ?: string } = {}) {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', {
      crv: 'Ed25519',
      extractable: true,
    });
    const { x } = await exportJWK(publicKey);
    const content = {
      bundles: [
        { name: 'b', digest: digestOf(bundle), order: 1, mode: 'present', drift: 'repair' },
      ],
      actions: [],
    };
    const dig = createHash('sha256').update(canonicalJson(content)).digest('hex');
    const claims = { sub: change.sub ?? clusterId, gen: change.gen ?? 7, dig };
    const signature = await new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'EdDSA', typ: change.typ ?? desiredStateType })
      .sign(privateKey);
    const keys = [{ kty: 'OKP' as const, crv: 'Ed25519' as const, x: String(x), kid: 'k' }];
    return { state: { clusterId, generation: 7, ...content, signature }, keys };
  }
  const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

  it('is taken when it is signed as it is, also with fields this agent does not know', async () => {
    const { state, keys } = await signed();
    expect(await verifyDesired(bytes({ ...state, novelty: 1 }), clusterId, keys)).toMatchObject({
      generation: 7,
    });
  });

  it('is refused when anything of it was changed, or is for another cluster, type or key', async () => {
    const { state, keys } = await signed();
    const refuse = (value: unknown, by = keys) =>
      expect(verifyDesired(bytes(value), clusterId, by)).rejects.toThrow(Untrusted);
    await refuse({ ...state, generation: 8 });
    await refuse({ ...state, bundles: [] });
    await refuse({ ...state, bundles: [{ ...state.bundles[0], mode: 'absent' }] });
    await refuse(state, (await signed()).keys);
    for (const change of [{ gen: 6 }, { sub: 'cls_other' }, { typ: 'something-else' }]) {
      const other = await signed(change);
      await refuse(other.state, other.keys);
    }
    await expect(verifyDesired(Buffer.from('{"'), clusterId, keys)).rejects.toThrow(Untrusted);
  });

  it('is no bundle when a byte of it differs, or it was cut', () => {
    const whole = Buffer.from(canonicalJson(bundle));
    expect(verifyBundle(whole, digestOf(bundle))).toEqual(bundle);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const edited = Buffer.from(whole);
        edited[at] = (edited[at]! + by) % 256;
        expect(() => verifyBundle(edited, digestOf(bundle))).toThrow(Untrusted);
        expect(() => verifyBundle(whole.subarray(0, at), digestOf(bundle))).toThrow(Untrusted);
      }),
    );
  });
});
