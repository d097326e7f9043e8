import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const bundle = `${dist}/analyze.cjs`;

/** The file of what V8 compiled of the bundle that is there now, for this Node alone. */
function compiledFile() {
  const made = Math.round(statSync(bundle).mtimeMs).toString(36);
  return `${dist}/analyze-${made}-${process.version}-${process.arch}.compiled`;
}

/** Whether the bundle was made of the sources as they are now. */
function isFresh() {
  try {
    const stamp = JSON.parse(readFileSync(`${dist}/analyze.json`, 'utf8'));
    return stamp.every(
      (/** @type {[string, number]} */ [path, mtimeMs]) => statSync(path).mtimeMs === mtimeMs,
    );
  } catch {
    return false;
  }
}

/** @param {string} compiled */
function readCompiled(compiled) {
  try {
    return readFileSync(compiled);
  } catch {
    return undefined;
  }
}

/** @param {string} compiled @param {Script} script */
function keepCompiled(compiled, script) {
  try {
    writeFileSync(`${compiled}.${process.pid}`, script.createCachedData());
    renameSync(`${compiled}.${process.pid}`, compiled);
  } catch {
    // A folder of others: it starts a little slower.
  }
}

/**
 * Runs the bundle. Node's own cache keeps what is compiled when a module is loaded; this one, made after the work,
 * also what is compiled when it is first used. That is half the time of a small file.
 */
function run() {
  const compiled = compiledFile();
  const cachedData = readCompiled(compiled);
  const source = nodeModule.wrap(readFileSync(bundle, 'utf8'));
  const script = new Script(source, { filename: bundle, cachedData });
  const module = { exports: {} };
  const require = nodeModule.createRequire(bundle);
  script.runInThisContext()(module.exports, require, module, bundle, dist);
  if (!cachedData || script.cachedDataRejected) keepCompiled(compiled, script);
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
  run();
  return true;
}
