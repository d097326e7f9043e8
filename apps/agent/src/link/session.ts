import {
  agentPaths,
  credentialSchema,
  type registerRequestSchema,
} from '@ambit/contracts/agent/protocol';
import type { JWK } from 'jose';
import type { z } from 'zod';
import { sleep } from '../wait.ts';
import { backoffMs } from './backoff.ts';
import { nothingStored, tokenHash, type CredentialStore, type Stored } from './credentials.ts';
import { LinkError, type LinkAnswer, type LinkHttp, type LinkRequest } from './http.ts';
import { keyOfJwk, makeKey, prove, type AgentKey } from './identity.ts';

type Credential = z.infer<typeof credentialSchema>;
type Say = (level: 'info' | 'warn' | 'error', message: string) => void;

export interface SessionInput {
  http: LinkHttp;
  store: CredentialStore;
  joinToken: string | undefined;
  /** What a registration says of the cluster. */
  describe(): Promise<
    Pick<z.infer<typeof registerRequestSchema>, 'clusterUid' | 'kubernetesVersion' | 'agentVersion'>
  >;
  say: Say;
}

/** A joined agent: calls the platform with a credential that it keeps fresh. */
export interface Session {
  clusterId: string;
  platformKeys(): Credential['platformKeys'];
  /** @throws LinkError; a refused credential is renewed once before it is told */
  call(path: string, request: Omit<LinkRequest, 'credential'>): Promise<LinkAnswer>;
  /** Renews the credential in time, until the signal ends it. */
  keepFresh(signal: AbortSignal): Promise<void>;
  nowMs(): number;
  /** What the platform said when it refused the credential last; null when all is well. */
  refusal(): string | null;
}

/** Share of its life after which a credential is renewed. */
const renewAt = 2 / 3;

/**
 * Opens the session: with the stored credential, or by registering with the join token. Does not give up: a platform
 * that is away is tried again, a refusal is said and tried again, since a person may put it right.
 */
export async function openSession(input: SessionInput, signal: AbortSignal): Promise<Session> {
  const { store, joinToken, say } = input;
  for (let attempt = 0; ; attempt++) {
    let stored: Stored | null = null;
    try {
      stored = await store.load(signal);
      const newToken = joinToken !== undefined && stored?.joinedWith !== tokenHash(joinToken);
      if (isJoined(stored) && !newToken) return session(input, stored);
      if (!joinToken) {
        throw new LinkError(401, 'there is no credential and no join token; run the join command');
      }
      return session(input, await register(input, stored ?? nothingStored, joinToken, signal));
    } catch (error) {
      signal.throwIfAborted();
      const refused = error instanceof LinkError && error.status >= 400 && error.status < 500;
      say(refused ? 'error' : 'warn', `cannot join: ${messageOf(error)}`);
      if (refused && isJoined(stored)) {
        say('warn', 'going on with the credential of before');
        return session(input, stored);
      }
      const waitMs = backoffMs(attempt, Math.random(), { firstMs: refused ? 5000 : 500 });
      await sleep((error instanceof LinkError && error.retryAfterMs) || waitMs, signal);
    }
  }
}

type Joined = Stored & { key: JWK; credential: Credential };

const isJoined = (stored: Stored | null): stored is Joined =>
  stored?.key != null && stored.credential !== null;

async function register(
  { http, store, describe, say }: SessionInput,
  stored: Stored,
  token: string,
  signal: AbortSignal,
): Promise<Joined> {
  // The key is kept before it is used: should the answer get lost, the same key may ask again.
  const key = stored.pendingKey ? keyOfJwk(stored.pendingKey) : await makeKey();
  await store.save({ ...stored, pendingKey: key.jwk }, signal);
  const about = await describe();
  const ask = async () =>
    http.call(agentPaths.register, {
      json: {
        ...about,
        token,
        publicKey: key.publicKey,
        proof: await prove(key, about.clusterUid, http.nowMs()),
      },
      signal,
    });
  // The first answer tells the platform's clock; a proof by a clock that is off is made anew.
  const answer = await ask().catch((error: unknown) => {
    if (error instanceof LinkError && /seconds away/.test(error.message)) return ask();
    throw error;
  });
  const credential = credentialSchema.parse(JSON.parse(answer.bytes.toString()));
  const joined: Joined = {
    key: key.jwk,
    pendingKey: null,
    credential,
    joinedWith: tokenHash(token),
    receivedAt: new Date(http.nowMs()).toISOString(),
  };
  await store.save(joined, signal);
  say('info', `joined as "${credential.clusterName}" (${credential.clusterId})`);
  return joined;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

function session({ http, store, say }: SessionInput, opened: Joined): Session {
  let stored: Joined = opened;
  let renewing: Promise<void> | null = null;
  let refusal: string | null = null;
  const key: AgentKey = keyOfJwk(stored.key);
  const credential = () => stored.credential;

  const renew = async (signal: AbortSignal): Promise<void> => {
    const answer = await http.call(agentPaths.credential, {
      json: { proof: await prove(key, credential().clusterId, http.nowMs()) },
      credential: credential().credential,
      signal,
    });
    stored = {
      ...stored,
      credential: credentialSchema.parse(JSON.parse(answer.bytes.toString())),
      receivedAt: new Date(http.nowMs()).toISOString(),
    };
    refusal = null;
    say('info', 'the credential was renewed');
    await store.save(stored, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      say('warn', `the new credential could not be kept: ${messageOf(error)}`);
    });
  };

  const renewOnce = (signal: AbortSignal): Promise<void> =>
    (renewing ??= renew(signal).finally(() => (renewing = null)));

  const dueInMs = (): number => {
    const until = Date.parse(credential().expiresAt);
    const from = Date.parse(stored.receivedAt ?? credential().expiresAt);
    return from + (until - from) * renewAt - http.nowMs();
  };

  return {
    get clusterId() {
      return credential().clusterId;
    },
    platformKeys: () => credential().platformKeys,
    nowMs: http.nowMs,
    refusal: () => refusal,
    call: async (path, request) => {
      const send = () => http.call(path, { ...request, credential: credential().credential });
      try {
        const answer = await send();
        refusal = null;
        return answer;
      } catch (error) {
        if (!(error instanceof LinkError) || error.status !== 401) throw error;
        await renewOnce(request.signal).catch((renewal: unknown) => {
          request.signal.throwIfAborted();
          if (renewal instanceof LinkError && renewal.status === 401) {
            if (refusal !== renewal.message) {
              say(
                'error',
                `the platform refuses this agent: ${renewal.message}. What was applied stays as it is.`,
              );
            }
            refusal = renewal.message;
          }
          throw error;
        });
        return send();
      }
    },
    keepFresh: async (signal) => {
      for (let failures = 0; !signal.aborted;) {
        try {
          const waitMs = dueInMs();
          if (waitMs > 0) await sleep(Math.min(waitMs, 3_600_000), signal);
          else await renewOnce(signal);
          failures = 0;
        } catch (error) {
          if (signal.aborted) return;
          say('warn', `the credential could not be renewed: ${messageOf(error)}`);
          await sleep(backoffMs(failures++, Math.random()), signal).catch(() => {});
        }
      }
    },
  };
}
