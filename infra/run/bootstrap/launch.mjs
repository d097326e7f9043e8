import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { Problem, report } from './problem.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const oldest = 20;
const pinned = 24;

/**
 * Installs what is missing, then runs a TypeScript program of this folder under the Node that npm installed.
 * Everything before that works on any Node from 20 on, without a single package.
 * @param {string} program path below infra/run
 */
export async function launch(program) {
  try {
    const major = Number(process.versions.node.split('.')[0]);
    if (major < oldest) {
      throw new Problem(
        `Node ${process.versions.node} is too old: Ambit needs ${oldest} or newer to set itself up.`,
        'Install a newer one from https://nodejs.org and start again.',
      );
    }
    await ensureInstalled(root);
    const file = join(root, 'infra', 'run', program);
    if (major >= pinned) {
      process.argv[1] = file;
      await import(pathToFileURL(file).href);
    } else {
      process.exitCode = await again(file);
    }
  } catch (error) {
    report(error);
    process.exitCode = 1;
  }
}

/**
 * @param {string} file
 * @returns {Promise<number>}
 */
function again(file) {
  const node = join(root, 'node_modules', '.bin', 'node');
  if (!existsSync(node)) {
    throw new Problem(
      `${node} is missing, though the packages are installed.`,
      'Remove node_modules and start again; npm needs to be 10 or newer.',
    );
  }
  const child = spawn(node, [file, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the child by itself; a signal sent to this process alone is passed on.
  process.on('SIGINT', () => {});
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
