import { AmbitError } from '@ambit/services/kernel/errors';

interface Options {
  /** Attempts allowed within the window. */
  most: number;
  windowMs: number;
  now: () => number;
}

const mostKeys = 10_000;

/** Counts attempts by key in this process; the window of a key begins with its first attempt. */
export function attemptLimit({ most, windowMs, now }: Options) {
  const attempts = new Map<string, { count: number; endsAt: number }>();

  const current = (key: string) => {
    const found = attempts.get(key);
    if (found && found.endsAt > now()) return found;
    attempts.delete(key);
    return undefined;
  };

  return {
    /** @throws AmbitError rate_limited */
    assertBelow: (key: string, what: string) => {
      const found = current(key);
      if (!found || found.count < most) return;
      const minutes = Math.ceil((found.endsAt - now()) / 60_000);
      throw new AmbitError('rate_limited', `too many ${what}`, {
        fix: `try again in ${minutes} min`,
      });
    },
    count: (key: string) => {
      const found = current(key);
      if (found) found.count++;
      else {
        if (attempts.size >= mostKeys) attempts.delete(attempts.keys().next().value!);
        attempts.set(key, { count: 1, endsAt: now() + windowMs });
      }
    },
    forget: (key: string) => attempts.delete(key),
  };
}
