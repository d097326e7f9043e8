import type { Read } from '@ambit/contracts/agent/reads';
import { readThroughAgent } from '../agent-reads/ask.ts';
import { AmbitError } from '../kernel/errors.ts';
import type { Outside } from '../kernel/implement.ts';

/** A large mesh makes large configurations: 10,000 clusters are some 40 MB. */
const maxBytes = 96 * 1024 * 1024;
const timeoutMs = 45_000;

type AdminRead = Extract<Read, { kind: 'proxy-admin' }>;

/**
 * What a proxy's admin page answers, read through the agent of its cluster.
 * @throws AmbitError unavailable for what is not JSON, and what readThroughAgent throws
 */
export async function readAdmin(
  outside: Outside,
  clusterId: string,
  asked: Omit<AdminRead, 'kind'>,
): Promise<unknown> {
  const read = { kind: 'proxy-admin', ...asked } as const;
  const { body } = await readThroughAgent(outside, clusterId, read, { maxBytes, timeoutMs });
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new AmbitError(
      'unavailable',
      `${asked.namespace}/${asked.pod} answered something that is not JSON`,
    );
  }
}
