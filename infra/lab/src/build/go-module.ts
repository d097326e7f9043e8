import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../lab-error.ts';
import { must } from '../run.ts';
import type { GoComponent } from './components.ts';

const goEnvironment = { GOFLAGS: '-mod=mod', GOWORK: 'off' };

type Download = { Dir: string; GoMod: string };

/** Downloads one module and says where its files are. */
export async function downloadModule(module: string, version: string): Promise<Download> {
  const text = await must('go', ['mod', 'download', '-json', `${module}@${version}`], {
    env: goEnvironment,
  });
  return JSON.parse(text) as Download;
}

/** The lines that give each staging module of Kubernetes a version. They stand in its go.mod as folders. */
export function stagingReplacements(goMod: string, version: string): string {
  const names = [...goMod.matchAll(/^\s+(k8s\.io\/[a-z-]+) => \.\//gm)].map((match) => match[1]);
  return names.map((name) => `replace ${name} => ${name} ${version}\n`).join('');
}

/** Makes a throw-away module that requires the component's packages. Cheap when it was made before. */
async function prepareModule(
  component: GoComponent,
  folder: string,
  logFile: string,
): Promise<void> {
  const ready = join(folder, 'ready');
  if (existsSync(ready)) return;
  mkdirSync(folder, { recursive: true });
  const imports = component.packages.map((path) => `import _ "${path}"\n`).join('');
  writeFileSync(join(folder, 'tools.go'), `//go:build tools\n\npackage tools\n\n${imports}`);
  writeFileSync(join(folder, 'go.mod'), `module ambit.dev/lab/${component.name}\n\ngo 1.25.0\n`);
  if (component.stagingVersion) {
    const { GoMod } = await downloadModule(component.module, component.moduleVersion);
    const replacements = stagingReplacements(readFileSync(GoMod, 'utf8'), component.stagingVersion);
    if (!replacements)
      throw new LabError(`${GoMod} names no staging modules: has its layout changed?`);
    appendFileSync(
      join(folder, 'go.mod'),
      `\nrequire ${component.module} ${component.moduleVersion}\n\n${replacements}`,
    );
  } else {
    await must('go', ['get', `${component.module}@${component.moduleVersion}`], {
      cwd: folder,
      env: goEnvironment,
      logFile,
    });
  }
  // -e: the tests of a dependency may miss a module that no program needs; the build tells what is really missing.
  await must('go', ['mod', 'tidy', '-e'], { cwd: folder, env: goEnvironment, logFile });
  writeFileSync(ready, '');
}

/** Builds a component's packages into a folder. Throws LabError with the end of the build's log. */
export async function buildGoComponent(
  component: GoComponent,
  moduleFolder: string,
  into: string,
  logFile: string,
): Promise<void> {
  await prepareModule(component, moduleFolder, logFile);
  const stamps = Object.entries(component.stamp ?? {}).map(
    ([variable, text]) => `-X ${variable}=${text}`,
  );
  const env = { ...goEnvironment, ...(component.cgo === false ? { CGO_ENABLED: '0' } : {}) };
  for (const path of component.packages) {
    const program = programName(path);
    await must(
      'nice',
      [
        '-n',
        '10',
        'go',
        'build',
        ...(component.tags ? ['-tags', component.tags.join(',')] : []),
        '-ldflags',
        ['-s', '-w', ...stamps].join(' '),
        '-o',
        join(into, program),
        path,
      ],
      { cwd: moduleFolder, env, logFile },
    );
  }
}

/** A program's name from its package path: the last part that is not a version or `server` of etcd. */
export function programName(path: string): string {
  if (path === 'go.etcd.io/etcd/server/v3') return 'etcd';
  return path.split('/').at(-1) ?? path;
}

/** Builds one file of Go that imports nothing but the standard library. */
export async function buildGoSource(
  name: string,
  source: string,
  workFolder: string,
  into: string,
): Promise<void> {
  mkdirSync(workFolder, { recursive: true });
  writeFileSync(join(workFolder, 'main.go'), source);
  await must('go', ['build', '-ldflags', '-s -w', '-o', join(into, name), 'main.go'], {
    cwd: workFolder,
    env: { ...goEnvironment, CGO_ENABLED: '0' },
  });
}

/** Builds the program of a folder that is a Go module. With cgo, as the others are: most packages are compiled already. */
export async function buildGoProgram(folder: string, into: string, logFile: string): Promise<void> {
  await must('nice', ['-n', '10', 'go', 'build', '-ldflags', '-s -w', '-o', into, '.'], {
    cwd: folder,
    env: { GOFLAGS: '-mod=readonly', GOWORK: 'off' },
    logFile,
  });
}
