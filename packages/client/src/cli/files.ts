import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './usage-error.ts';

/** The files themselves, and of folders the YAML and JSON files below them, in the order of their names. */
export function listFiles(path: string): string[] {
  if (path === '-' || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

/** The text of a file, `-` for standard input. Throws UsageError when it cannot be read. */
export function readText(shell: { readFile: (path: string) => string }, file: string): string {
  try {
    return shell.readFile(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file}`, (error as Error).message);
  }
}
