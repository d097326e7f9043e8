import type { Figure } from '../figure.ts';
import { run as measureController } from './controller/run.ts';
import { onGround } from './ground.ts';
import { measureMemory } from './memory.ts';
import { measurePhases } from './phases.ts';
import { measureRates } from './rates.ts';
import { measureDetection, measureProgrammed } from './times.ts';

/**
 * The controller over 1,000 Gateways of a sandbox; then on a lab: requests lost in each phase under a steady load, time to
 * Programmed beside istiod alone, time until an un-enrolled pod is seen, memory of a shared waypoint. L4 is ztunnel's where
 * AMBIT_LAB_ZTUNNEL gives one, else the lab's stand-in.
 */
export async function run(say: (line: string) => void): Promise<Figure[]> {
  const controller = await measureController(say);
  const lab = await onGround(say, async (ground) => {
    const figures = await measurePhases(ground, say, async () => [
      ...(await measureRates(ground, say)),
      ...(await measureProgrammed(ground, say)),
    ]);
    const detection = await measureDetection(ground, say);
    return [...figures, ...detection, ...(await measureMemory(ground, say))];
  });
  return [...controller, ...lab];
}
