#!/usr/bin/env node
import { existsSync } from 'node:fs';
import nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

const pinned = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));

/**
 * `ambit analyze` of files alone needs nothing of the rest.
 * @param {string[]} args
 */
const isBundled = ([domain, ...words]) =>
  domain === 'analyze' && !words.some((word) => /^--mesh(=|$)/.test(word));

if (
  isBundled(process.argv.slice(2)) &&
  (await (await import('./analyze.mjs')).runBundledAnalyze())
) {
  // Done: it runs under older Nodes too.
} else if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Keeps the compiled program between runs: half the time to start.
  nodeModule.enableCompileCache?.();
  await import('../src/cli/main.ts');
} else if (existsSync(pinned)) {
  const { spawnSync } = await import('node:child_process');
  const { status } = spawnSync(pinned, process.argv.slice(1), { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else {
  process.stderr.write('ambit needs Node 24 or newer; "npm ci" in the checkout installs one.\n');
  process.exitCode = 1;
}
