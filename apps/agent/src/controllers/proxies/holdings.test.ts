import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CannotForward } from '../../kube/port-forward.ts';
import { certificatesOfEnvoy, holdingsOfZtunnel } from './admin.ts';
import type { ProxyPod } from './facts.ts';
import { makeHoldings } from './holdings.ts';

const until = '2026-11-02T06:00:00Z';
const identity = 'spiffe://cluster.local/ns/shop/sa/web';
const chain = (expirationTime: string) => [{ expirationTime, serialNumber: '1' }];
const state = (name: string, more: object = {}) => ({
  state: 'Up',
  connections: { inbound: [], outbound: [] },
  info: { name, namespace: 'shop', trustDomain: '', serviceAccount: 'web' },
  ...more,
});

describe('what a proxy shows', () => {
  it('of an Envoy is its own certificate, the one that holds longer of two', () => {
    const pair = (expiration_time: string) => ({
      ca_cert: [{ subject_alt_names: [], expiration_time: '2036-01-01T00:00:00Z' }],
      cert_chain: [{ subject_alt_names: [{ uri: identity }], expiration_time }],
    });
    expect(
      certificatesOfEnvoy({ certificates: [pair(until), pair('2026-11-01T06:00:00Z')] }),
    ).toEqual([{ identity, expiresAt: Date.parse(until) }]);
    expect(certificatesOfEnvoy({ certificates: [{ ca_cert: [] }] })).toEqual([]);
    expect(() => certificatesOfEnvoy({ error: 'no' })).toThrow();
  });

  it('of a ztunnel are certificates, and pods it carries, but not those it lets go', () => {
    expect(
      holdingsOfZtunnel({
        certificates: [
          { identity, state: 'Available', certChain: chain(until), rootCerts: [] },
          {
            identity: 'spiffe://cluster.local/ns/shop/sa/new',
            state: 'Initializing',
            certChain: [],
          },
        ],
        workloadState: { a: state('web-1'), b: state('old-1', { state: 'Draining' }) },
      }),
    ).toEqual({
      certificates: [
        { identity: 'spiffe://cluster.local/ns/shop/sa/new', expiresAt: null },
        { identity, expiresAt: Date.parse(until) },
      ],
      carries: ['shop/web-1'],
    });
    expect(holdingsOfZtunnel({ certificates: [] }).carries).toBeNull();
  });
});

describe('looking', () => {
  beforeEach(
    () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }),
  );
  afterEach(() => void vi.useRealTimers());

  const ztunnel: ProxyPod = {
    namespace: 'istio-system',
    pod: 'ztunnel-1',
    kind: 'ztunnel',
    ip: null,
    node: 'one',
    ready: true,
    version: '',
    container: 'istio-proxy',
    isIstiod: false,
    app: 'ztunnel',
    appVersion: '',
  };

  const start = (carried: () => string[] | Error, redirected: () => string[]) => {
    const over = new AbortController();
    const holdings = makeHoldings({
      http: {
        get: async () => {
          const names = carried();
          if (names instanceof Error) throw names;
          const body = {
            workloadState: Object.fromEntries(names.map((name) => [name, state(name)])),
          };
          return Readable.from([Buffer.from(JSON.stringify(body))]) as IncomingMessage;
        },
      },
      pods: () => [ztunnel],
      redirected,
      nowMs: () => 1_000,
    });
    const done = holdings.run(over.signal);
    return {
      of: () => holdings.of('istio-system/ztunnel-1'),
      pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
      end: async () => {
        over.abort();
        await done;
      },
    };
  };

  it('misses a pod only when two looks did not find what was redirected before them', async () => {
    const carried = ['web-1'];
    const redirected = ['shop/web-1'];
    const looks = start(
      () => carried,
      () => redirected,
    );
    await looks.pass(1);
    expect(looks.of()).toMatchObject({ readAt: 1_000, carries: ['shop/web-1'], misses: [] });
    redirected.push('shop/web-2');
    await looks.pass(16_500);
    expect(looks.of()!.misses).toEqual([]);
    await looks.pass(16_500);
    expect(looks.of()!.misses).toEqual(['shop/web-2']);
    carried.push('web-2');
    await looks.pass(16_500);
    expect(looks.of()!.misses).toEqual([]);
    await looks.end();
  });

  it('says why it cannot look, and blames no pod meanwhile', async () => {
    let fails = false;
    const looks = start(
      () => (fails ? new CannotForward(403, 'forbidden') : []),
      () => ['shop/web-1'],
    );
    await looks.pass(1);
    await looks.pass(16_500);
    expect(looks.of()!.misses).toEqual(['shop/web-1']);
    fails = true;
    await looks.pass(16_500);
    expect(looks.of()).toMatchObject({ misses: [], readAt: 1_000 });
    expect(looks.of()!.problem).toContain('join manifest');
    await looks.end();
  });
});
