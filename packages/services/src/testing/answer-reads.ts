import { signedReadSchema } from '@ambit/contracts/agent/reads';
import type { Agent } from '../agent-link/credential.ts';
import { giveReads, notePoll, takeChunk } from '../agent-reads/answer.ts';
import type { Platform } from '../kernel/context.ts';

/**
 * A stand-in for an agent that answers `http` reads: it asks what it is told to ask, of a server here.
 * @param placed the address to ask in place of the one that is meant
 * @returns ends it, after what is under way
 */
export async function answerReads(
  platform: Platform,
  agent: Agent,
  placed: (url: string) => string,
): Promise<() => Promise<void>> {
  await notePoll(platform, agent, 60_000);
  const stop = new AbortController();
  const answer = async (jws: string): Promise<void> => {
    const payload: unknown = JSON.parse(
      Buffer.from(jws.split('.')[1]!, 'base64url').toString('utf8'),
    );
    const { jti, read } = signedReadSchema.parse(payload);
    if (read.kind !== 'http') return;
    const { method, headers, body } = read;
    const sent = { method, headers, ...(method === 'POST' ? { body } : {}) };
    const asked = await fetch(placed(read.url), sent);
    const bytes = new Uint8Array(await asked.arrayBuffer());
    await takeChunk(platform, agent, jti, { seq: 0, end: true, status: asked.status, bytes });
  };
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      // What is under way when a test ends has nobody left to answer to.
      await Promise.allSettled((await giveReads(platform, agent)).map(answer));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const ended = run();
  return () => {
    stop.abort();
    return ended;
  };
}
