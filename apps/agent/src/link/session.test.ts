import { jwtVerify, importJWK, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { agentLimits, agentPaths } from '@ambit/contracts/agent/protocol';
import { memoryStore, tokenHash, type CredentialStore, type Stored } from './credentials.ts';
import { linkHttp } from './http.ts';
import { openSession, type SessionInput } from './session.ts';

/** A stand-in for the platform with a clock of its own; the real one is met in the tests of apps/api. */
function platform({ clockOffMs = 0, refuse = {} as Record<string, string> } = {}) {
  const seen: { path: string; iatOffMs: number | null; credential: string | null }[] = [];
  const keys = new Set<string>();
  let issued = 0;
  const now = () => Date.now() + clockOffMs;
  const answer = (status: number, body: object) =>
    new Response(JSON.stringify(body), {
      status,
      headers: { date: new Date(now()).toUTCString() },
    });
  const refusal = (message: string) =>
    answer(401, { code: 'unauthenticated', message, requestId: 'req_1' });
  const fetcher: typeof fetch = async (input, init) => {
    const path = new URL(String(input)).pathname;
    const credential = new Headers(init?.headers).get('authorization');
    const body = init?.body
      ? (JSON.parse(String(init.body)) as { proof?: string; publicKey?: JWK })
      : {};
    let iatOffMs: number | null = null;
    if (body.proof) {
      const claims = JSON.parse(Buffer.from(body.proof.split('.')[1]!, 'base64url').toString()) as {
        iat: number;
      };
      iatOffMs = claims.iat * 1000 - now();
    }
    seen.push({ path, iatOffMs, credential });
    const why = refuse[path];
    if (why) return refusal(why);
    if (iatOffMs !== null && Math.abs(iatOffMs) > agentLimits.clockSkewMs) {
      return refusal(
        `the proof was made ${Math.abs(iatOffMs) / 1000} seconds away from the platform's time`,
      );
    }
    if (path === agentPaths.register) {
      await jwtVerify(body.proof!, await importJWK(body.publicKey!, 'EdDSA'), {
        currentDate: new Date(now()),
      });
      keys.add(String(body.publicKey!.x));
    }
    if (path === agentPaths.register || path === agentPaths.credential) {
      issued += 1;
      return answer(200, {
        clusterId: 'cls_01kaz5m8x0v6h2c4q7t9w3e5r1',
        clusterName: 'c',
        credential: `credential-${issued}`,
        expiresAt: new Date(now() + agentLimits.credentialTtlMs).toISOString(),
        platformKeys: [],
      });
    }
    return credential === `Bearer credential-${issued}`
      ? answer(200, {})
      : refusal('the credential has expired');
  };
  return { fetcher, seen, keys, refuse, expire: () => (issued += 1) };
}

function open(of: ReturnType<typeof platform>, store: CredentialStore, joinToken?: string) {
  const said: string[] = [];
  const stop = new AbortController();
  const input: SessionInput = {
    http: linkHttp('http://platform.test', of.fetcher),
    store,
    joinToken,
    describe: async () => ({
      clusterUid: 'uid-12345678',
      kubernetesVersion: 'v1.34.4',
      agentVersion: '1',
    }),
    say: (_level, message) => said.push(message),
  };
  return { session: openSession(input, stop.signal), said, signal: stop.signal, stop };
}

describe('a session', () => {
  it.each([[-3_600_000], [0], [3_600_000]])(
    'is opened though the clock of the node is %i ms off',
    async (clockOffMs) => {
      const far = platform({ clockOffMs });
      const { session } = open(far, memoryStore(), 'ambitjoin_x');
      const opened = await session;
      expect(Math.abs(opened.nowMs() - (Date.now() + clockOffMs))).toBeLessThan(60_000);
      expect(Math.abs(far.seen.at(-1)!.iatOffMs!)).toBeLessThan(60_000);
    },
  );

  it('uses one key for a registration that is repeated, also after a restart', async () => {
    const far = platform();
    const store = memoryStore();
    far.refuse[agentPaths.register] = 'the answer was lost';
    const first = open(far, store, 'ambitjoin_x');
    await expect.poll(() => first.said.length).toBe(1);
    first.stop.abort();
    await first.session.catch(() => {});
    const pending = (await store.load(first.signal))!.pendingKey;
    delete far.refuse[agentPaths.register];
    await open(far, store, 'ambitjoin_x').session;
    const kept = (await store.load(first.signal))!;
    expect([kept.key, kept.pendingKey, kept.joinedWith]).toEqual([
      pending,
      null,
      tokenHash('ambitjoin_x'),
    ]);
    expect([...far.keys]).toEqual([pending!.x]);
  });

  it('goes on with what it kept, joins anew with a new token, and falls back when that is refused', async () => {
    const far = platform();
    const store = memoryStore();
    await open(far, store, 'ambitjoin_1').session;
    await open(far, store, 'ambitjoin_1').session;
    const registrations = () => far.seen.filter(({ path }) => path === agentPaths.register).length;
    expect(registrations()).toBe(1);
    far.refuse[agentPaths.register] = 'this join token expired';
    const fallen = open(far, store, 'ambitjoin_2');
    expect((await fallen.session).clusterId).toMatch(/^cls_/);
    expect(fallen.said).toContain('going on with the credential of before');
    delete far.refuse[agentPaths.register];
    await open(far, store, 'ambitjoin_2').session;
    expect([registrations(), far.keys.size]).toEqual([3, 2]);
  });

  it('renews a refused credential once and repeats the call; many calls make one renewal', async () => {
    const far = platform();
    const store = memoryStore();
    const { session, signal } = open(far, store, 'ambitjoin_1');
    const opened = await session;
    far.expire();
    const calls = await Promise.all(
      ['/a', '/b', '/c'].map((path) => opened.call(path, { signal })),
    );
    expect(calls.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(far.seen.filter(({ path }) => path === agentPaths.credential)).toHaveLength(1);
    expect(((await store.load(signal)) as Stored).credential!.credential).toBe('credential-3');
  });

  it('tells once that the platform refuses it, and is well again when it does not', async () => {
    const far = platform();
    const { session, said, signal } = open(far, memoryStore(), 'ambitjoin_1');
    const opened = await session;
    far.expire();
    far.refuse[agentPaths.credential] = 'the credential of the cluster "c" was revoked';
    for (const path of ['/a', '/b'])
      await expect(opened.call(path, { signal })).rejects.toThrow('expired');
    expect(opened.refusal()).toContain('revoked');
    expect(said.filter((line) => line.includes('refuses this agent'))).toHaveLength(1);
    delete far.refuse[agentPaths.credential];
    await opened.call('/a', { signal });
    expect(opened.refusal()).toBeNull();
  });
});
