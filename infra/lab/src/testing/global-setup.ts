import { ensureBinaries, ensureComponent } from '../build/build.ts';
import { helm } from '../build/components.ts';
import { cachePaths } from '../paths.ts';

/** Builds what tests with the lab's programs run, when the cache does not have it. No lab is brought up. */
export default async function setup(): Promise<void> {
  const cache = cachePaths();
  await ensureBinaries(cache);
  await ensureComponent(cache, helm);
}
