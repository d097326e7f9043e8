import { sleep } from '../wait.ts';
import { isStatus, type KubeClient } from './client.ts';

interface LeaseObject {
  metadata: { resourceVersion?: string };
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    renewTime?: string;
    acquireTime?: string;
    leaseTransitions?: number;
  };
}

export interface LeaseOptions {
  client: KubeClient;
  namespace: string;
  name: string;
  identity: string;
  durationMs?: number;
  renewEveryMs?: number;
  onWaiting?(holder: string): void;
}

/**
 * Leader election over a Lease, as client-go does it: a holder that did not renew for the whole duration, by this
 * process' own clock, is replaced; clocks of nodes are never compared.
 */
export interface Lease {
  /** Resolves when this process holds the lease. */
  acquire(signal: AbortSignal): Promise<void>;
  /** Keeps it; resolves when it is lost (another holder, or not renewed in time) or the signal ends it. */
  hold(signal: AbortSignal): Promise<void>;
  /** Gives it up, so that another takes it at once. */
  release(): Promise<void>;
}

export function makeLease(options: LeaseOptions): Lease {
  const { client, namespace, name, identity } = options;
  const { durationMs = 15_000, renewEveryMs = 3_000 } = options;
  const base = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  let seen = { state: '', at: 0 };

  const read = (signal?: AbortSignal) =>
    client
      .request<LeaseObject>('GET', `${base}/${name}`, {
        timeoutMs: 5_000,
        ...(signal ? { signal } : {}),
      })
      .catch((error: unknown) => {
        if (isStatus(error, 404)) return null;
        throw error;
      });

  const body = (lease: LeaseObject | null, holder: string) => {
    const now = new Date().toISOString().replace('Z', '000Z');
    const mine = lease?.spec?.holderIdentity === holder;
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { ...lease?.metadata, name, namespace },
      spec: {
        holderIdentity: holder,
        leaseDurationSeconds: Math.ceil(durationMs / 1000),
        renewTime: now,
        acquireTime: mine ? (lease?.spec?.acquireTime ?? now) : now,
        leaseTransitions: (lease?.spec?.leaseTransitions ?? 0) + (mine ? 0 : 1),
      },
    };
  };

  /** @returns null when it is ours now, else who holds it */
  const attempt = async (signal?: AbortSignal): Promise<string | null> => {
    const lease = await read(signal);
    const holder = lease?.spec?.holderIdentity ?? '';
    const state = `${holder} ${lease?.spec?.renewTime} ${lease?.metadata.resourceVersion}`;
    if (state !== seen.state) seen = { state, at: performance.now() };
    const expired = performance.now() - seen.at > durationMs;
    if (lease && holder && holder !== identity && !expired) return holder;
    try {
      const request = {
        body: body(lease, identity),
        timeoutMs: 5_000,
        ...(signal ? { signal } : {}),
      };
      await (lease
        ? client.request('PUT', `${base}/${name}`, request)
        : client.request('POST', base, request));
      return null;
    } catch (error) {
      if (isStatus(error, 409)) return holder || 'another copy';
      throw error;
    }
  };

  return {
    acquire: async (signal) => {
      for (let told = ''; ;) {
        const holder = await attempt(signal).catch((error: unknown) => {
          signal.throwIfAborted();
          return `nobody known: ${error instanceof Error ? error.message : String(error)}`;
        });
        if (holder === null) return;
        if (holder !== told) options.onWaiting?.(holder);
        told = holder;
        await sleep(renewEveryMs / 2, signal);
      }
    },
    hold: async (signal) => {
      let renewedAt = performance.now();
      while (!signal.aborted) {
        await sleep(renewEveryMs, signal).catch(() => {});
        if (signal.aborted) return;
        try {
          if ((await attempt(signal)) !== null) return;
          renewedAt = performance.now();
        } catch {
          // The others take over when the whole duration went by; stop a little before.
          if (performance.now() - renewedAt > durationMs - renewEveryMs) return;
        }
      }
    },
    release: async () => {
      const lease = await read();
      if (lease?.spec?.holderIdentity !== identity) return;
      await client
        .request('PUT', `${base}/${name}`, { body: body(lease, ''), timeoutMs: 5_000 })
        .catch(() => {});
    },
  };
}
