import type { Figure } from '../figure.ts';
import { onGround } from './ground.ts';
import { measurePhases } from './phases.ts';
import { measureRates } from './rates.ts';
import { measureDetection, measureProgrammed } from './times.ts';

/**
 * Waypoints on a lab: requests lost in each phase under a steady load, time to Programmed beside istiod alone, time
 * until an un-enrolled pod is seen. L4 is ztunnel's where AMBIT_LAB_ZTUNNEL gives one, else the lab's stand-in.
 */
export const run = (say: (line: string) => void): Promise<Figure[]> =>
  onGround(say, async (ground) => {
    const figures = await measurePhases(ground, say, async () => [
      ...(await measureRates(ground, say)),
      ...(await measureProgrammed(ground, say)),
    ]);
    return [...figures, ...(await measureDetection(ground, say))];
  });
