import { createHash } from 'node:crypto';
import type { JWK } from 'jose';
import { z } from 'zod';
import { credentialSchema } from '@ambit/contracts/agent/protocol';
import { isStatus, type KubeClient } from '../kube/client.ts';

const privateKey = z.custom<JWK>(
  (value) => typeof value === 'object' && value !== null && 'd' in value,
);

const storedSchema = z.object({
  key: privateKey.nullable(),
  /** Made for a registration whose answer has not come yet. */
  pendingKey: privateKey.nullable(),
  credential: credentialSchema.nullable(),
  /** sha256 of the join token that was used: a new one means to join anew. */
  joinedWith: z.string().nullable(),
  receivedAt: z.string().nullable(),
});

/** What an agent keeps of itself. */
export type Stored = z.infer<typeof storedSchema>;

export const nothingStored: Stored = {
  key: null,
  pendingKey: null,
  credential: null,
  joinedWith: null,
  receivedAt: null,
};

export interface CredentialStore {
  /** null when nothing was kept, or what was kept cannot be read. */
  load(signal: AbortSignal): Promise<Stored | null>;
  save(stored: Stored, signal: AbortSignal): Promise<void>;
}

export const tokenHash = (token: string): string =>
  createHash('sha256').update(token).digest('hex');

const secretName = 'ambit-agent';

/** In the Secret `ambit-agent` of the agent's namespace. */
export function secretStore(client: KubeClient, namespace: string): CredentialStore {
  const base = `/api/v1/namespaces/${namespace}/secrets`;
  const bodyOf = (stored: Stored) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secretName, namespace, labels: { 'ambit.dev/install': 'agent' } },
    type: 'ambit.dev/agent',
    data: { state: Buffer.from(JSON.stringify(stored)).toString('base64') },
  });
  return {
    load: async (signal) => {
      try {
        const secret = await client.request<{ data?: Record<string, string> }>(
          'GET',
          `${base}/${secretName}`,
          { signal },
        );
        return parse(Buffer.from(secret.data?.['state'] ?? '', 'base64').toString());
      } catch (error) {
        if (isStatus(error, 404)) return null;
        throw error;
      }
    },
    save: async (stored, signal) => {
      const body = bodyOf(stored);
      try {
        await client.request('PUT', `${base}/${secretName}`, { body, signal });
      } catch (error) {
        if (!isStatus(error, 404)) throw error;
        await client.request('POST', base, { body, signal });
      }
    },
  };
}

/** In memory: for simulated agents. */
export function memoryStore(): CredentialStore {
  let kept: Stored | null = null;
  return {
    load: async () => kept,
    save: async (stored) => {
      kept = stored;
    },
  };
}

function parse(text: string): Stored | null {
  try {
    return storedSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
