import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 100;

/** Asks again and again until the answer is truthy; gives undefined when the time is over first. */
export async function waitFor<T>(
  timeoutMs: number,
  ask: () => Promise<T> | T,
): Promise<T | undefined> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > endsAt) return undefined;
    await delay(pollMs);
  }
}
