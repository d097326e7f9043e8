// oxlint-disable no-restricted-imports
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A real istioctl: AMBIT_TEST_ISTIOCTL, or one that a lab built into the cache. */
export function findIstioctl(): string | undefined {
  const { env } = process;
  const given = env['AMBIT_TEST_ISTIOCTL'];
  if (given) return given;
  const cache =
    env['AMBIT_CACHE'] || env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  const built = join(cache, 'ambit', 'lab', 'bin');
  if (!existsSync(built)) return undefined;
  return readdirSync(built)
    .map((component) => join(built, component, 'istioctl'))
    .find((file) => existsSync(file));
}
