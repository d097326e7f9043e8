import type { Figure } from '../figure.ts';
import { run as measureController } from './controller/run.ts';
import { onGround } from './ground.ts';
import { measureLab } from './lab.ts';
import { measureMemory } from './memory.ts';

/** All of waypoints: the controller over 1,000 Gateways of a sandbox, then a lab (lab.ts), and memory in the same one. */
export async function run(say: (line: string) => void): Promise<Figure[]> {
  const controller = await measureController(say);
  const lab = await onGround(say, async (ground) => [
    ...(await measureLab(ground, say)),
    ...(await measureMemory(ground, say)),
  ]);
  return [...controller, ...lab];
}
