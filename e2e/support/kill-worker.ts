import { processesOf } from '@ambit/run/testing/launcher';
import { expect } from '@playwright/test';
import type { GroundPlatform } from './ground.ts';

/** Kills the worker as a crash would; the launcher starts another. */
export async function killWorker({
  home,
  launch,
}: Pick<GroundPlatform, 'home' | 'launch'>): Promise<void> {
  const ends = () => launch.output().match(/worker was ended by SIGKILL/g)?.length ?? 0;
  const before = ends();
  process.kill(processesOf(home).find(({ name }) => name === 'worker')!.pid, 'SIGKILL');
  await expect.poll(ends).toBe(before + 1);
}
