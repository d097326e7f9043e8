import type { Figure } from '../figure.ts';
import { onGround, type Ground } from './ground.ts';
import { measurePhases } from './phases.ts';
import { measureSleep } from './sleep.ts';
import { measureDetection, measureProgrammed } from './times.ts';

/**
 * On a lab: requests lost in each phase under a steady load, time to Programmed beside istiod alone, time until an
 * un-enrolled pod is seen. L4 is ztunnel's where AMBIT_LAB_ZTUNNEL gives one, else the lab's stand-in.
 */
export const run = (say: (line: string) => void): Promise<Figure[]> =>
  onGround(say, (ground) => measureLab(ground, say));

export async function measureLab(ground: Ground, say: (line: string) => void): Promise<Figure[]> {
  const figures = await measurePhases(ground, say, async () => [
    ...(await measureProgrammed(ground, say)),
    ...(await measureSleep(ground, say, 1)),
  ]);
  return [...figures, ...(await measureDetection(ground, say))];
}
