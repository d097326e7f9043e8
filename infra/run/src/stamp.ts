import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { step } from '../bootstrap/say.mjs';
import { takeLock } from './lock.ts';
import { root } from './root.ts';

const folder = join(root, 'node_modules', '.ambit');
const skipped = new Set(['node_modules', 'dist', '.next', 'generated', 'testing']);
/** Tests, and what builds and checks write beside the sources. */
const skippedFiles = /\.test\.tsx?$|^next-env\.d\.ts$|\.tsbuildinfo$/;

export interface Build {
  name: string;
  title: string;
  /** Files and folders, relative to the checkout, that decide whether it is to be done again. */
  sources: string[];
  /** A file that the build leaves. */
  result: string;
  work: () => Promise<void>;
}

/** Does a build when its sources differ from the last time, or its result is gone; one process at a time. */
export async function ensureBuilt({ name, title, sources, result, work }: Build): Promise<void> {
  const stampFile = join(folder, `${name}.sha256`);
  const isCurrent = (hash: string) =>
    existsSync(join(root, result)) &&
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === hash;
  if (isCurrent(hashOf(sources))) return;
  mkdirSync(folder, { recursive: true });
  const release = await waitForLock(join(folder, `${name}.lock`));
  try {
    const hash = hashOf(sources);
    if (isCurrent(hash)) return;
    // A build that is broken off leaves none.
    rmSync(stampFile, { force: true });
    await step(title, work);
    writeFileSync(stampFile, hash);
  } finally {
    release();
  }
}

async function waitForLock(file: string): Promise<() => void> {
  for (;;) {
    const attempt = takeLock(file);
    if (attempt.taken) return attempt.release;
    await pause(200);
  }
}

/** Hash over names and contents of sources; a missing one counts as empty. */
export function hashOf(sources: string[]): string {
  const hash = createHash('sha256');
  for (const file of sources.flatMap((source) => filesBelow(source)).sort()) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesBelow(path: string): string[] {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full, { withFileTypes: true })
    .filter(({ name }) => !skipped.has(name) && !skippedFiles.test(name))
    .flatMap(({ name }) => filesBelow(join(path, name)));
}
