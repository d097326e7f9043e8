import type { Bundle } from '@ambit/contracts/agent/bundle';
import { agentPaths } from '@ambit/contracts/agent/protocol';
import type { Cache } from './cache.ts';
import type { Session } from './session.ts';
import { verifyBundle } from './verify.ts';

/**
 * A bundle by its digest: from the cache when it is there and unharmed, else from the platform.
 * @throws Untrusted, LinkError
 */
export async function loadBundle(
  session: Pick<Session, 'call'>,
  cache: Cache,
  digest: string,
  signal: AbortSignal,
): Promise<Bundle> {
  const cached = await cache.readBlob(digest);
  if (cached) {
    try {
      return verifyBundle(cached, digest);
    } catch {
      // Harmed on disk; fetched again below.
    }
  }
  const { bytes } = await session.call(`${agentPaths.blob}/${digest}`, {
    signal,
    timeoutMs: 60_000,
  });
  const bundle = verifyBundle(bytes, digest);
  // Secrets never lie on the node's disk: they are fetched again after a restart.
  if (!holdsSecrets(bundle)) await cache.writeBlob(digest, bytes).catch(() => {});
  return bundle;
}

const holdsSecrets = ({ phases }: Bundle): boolean =>
  phases.some(({ objects }) =>
    objects.some(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Secret'),
  );
