import { setTimeout as pause } from 'node:timers/promises';

/** Waits until a condition holds, and answers what it gave. @throws Error with its last answer when it never does */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false | null | Promise<T | undefined | false | null>,
  withinMs = 60_000,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false && value !== null) return value;
    if (Date.now() > end) throw new Error(`${what}: not within ${withinMs} ms`);
    await pause(10);
  }
}
