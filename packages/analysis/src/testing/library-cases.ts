// A test, not the package, reads the library's own cases.
// oxlint-disable no-restricted-imports
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { peerSource } from './peer.ts';
import type { PeerCase } from './peer.ts';

const module = 'istio.io/istio';

/** The folder of the library's own cases in the Go module cache; undefined when it is not there. */
export function libraryFolder(): string | undefined {
  const version = new RegExp(`${module} (v\\S+)`).exec(
    readFileSync(join(peerSource, 'go.mod'), 'utf8'),
  )?.[1];
  try {
    const cache = execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' }).trim();
    const folder = join(cache, `${module}@${version}`, 'pkg/config/analysis/analyzers');
    return existsSync(folder) ? folder : undefined;
  } catch {
    return undefined;
  }
}

const textIn = (folder: string, name: string | undefined): string | undefined =>
  name === undefined ? undefined : readFileSync(join(folder, name), 'utf8');

export type LibraryCase = PeerCase & { name: string };

/** The cases that the library's own test lists: files, mesh configuration and networks. */
export function libraryCases(folder: string): LibraryCase[] {
  const source = readFileSync(join(folder, 'analyzers_test.go'), 'utf8');
  const table = source.slice(source.indexOf('var testGrid'), source.indexOf('func TestAnalyzers('));
  return table
    .split(/\n\t\{\n/)
    .slice(1)
    .map((entry) => {
      const inputs = /inputFiles: \[\]string\{([^}]*)\}/.exec(entry)?.[1] ?? '';
      const names = [...inputs.matchAll(/"([^"]+)"/g)].map(([, file]) => file ?? '');
      const file = (field: string) => new RegExp(`${field}:\\s*"([^"]+)"`).exec(entry)?.[1];
      return {
        name: file('name') ?? '',
        files: names.map((name) => ({ file: name, text: textIn(folder, name) ?? '' })),
        meshConfig: textIn(folder, file('meshConfigFile')),
        meshNetworks: textIn(folder, file('meshNetworksFile')),
      };
    });
}

/** The library's one case of several clusters: a file for each of them, and the Services that it tells of. */
export function multiClusterCase(folder: string): { clusters: string[]; told: string[] } {
  const source = readFileSync(join(folder, 'multicluster_analyzers_test.go'), 'utf8');
  const table = source.slice(source.indexOf('var mcTestGrid'), source.indexOf('func Test'));
  const files = [...table.matchAll(/"(testdata\/[^"]+)"/g)].map(([, file = '']) => file);
  return {
    clusters: files.map((file) => readFileSync(join(folder, file), 'utf8')),
    told: [...table.matchAll(/msg\.MultiClusterInconsistentService, "([^"]+)"/g)].map(
      ([, resource = '']) => resource,
    ),
  };
}
