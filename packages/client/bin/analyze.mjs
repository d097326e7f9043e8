import { readFileSync, statSync } from 'node:fs';
import nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

/** Whether the bundle was made of the sources as they are now. */
function isFresh() {
  try {
    const stamp = JSON.parse(readFileSync(`${dist}analyze.json`, 'utf8'));
    return stamp.every(
      (/** @type {[string, number]} */ [path, mtimeMs]) => statSync(path).mtimeMs === mtimeMs,
    );
  } catch {
    return false;
  }
}

/**
 * Runs `ambit analyze` from one bundled file, made when it is not there or older than a source: that starts several
 * times faster than the command line as a whole. Gives false where the bundle cannot be made.
 */
export async function runBundledAnalyze() {
  if (!isFresh()) {
    try {
      const { buildAnalyze } = await import('../build.mjs');
      await buildAnalyze();
    } catch {
      return false;
    }
  }
  nodeModule.enableCompileCache?.();
  nodeModule.createRequire(import.meta.url)(`${dist}analyze.cjs`);
  return true;
}
