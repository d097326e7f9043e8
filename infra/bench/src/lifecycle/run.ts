import type { Figure } from '../figure.ts';
import { measureOnLab } from './lab.ts';
import { measureStartAndMemory } from './start.ts';

/** The figures of a mesh's life: start, memory, creation beside istioctl, policies. Linux as root, with Go. */
export async function run(say: (line: string) => void): Promise<Figure[]> {
  return [...(await measureStartAndMemory(say)), ...(await measureOnLab(say))];
}
