import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from './problem.mjs';
import { step } from './say.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} LockFile
 */

/**
 * Installs the packages of package-lock.json when node_modules does not hold exactly them.
 * @param {string} root folder of the checkout
 */
export async function ensureInstalled(root) {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const stampFile = join(root, 'node_modules', '.ambit-install');
  const wanted = createHash('sha256')
    .update(`${process.platform} ${process.arch}\n${lockText}`)
    .digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  if (!holds(root, JSON.parse(lockText))) {
    await step('installing packages (npm ci)', () => npmCi(root));
  }
  writeFileSync(stampFile, wanted);
}

/**
 * True when npm's own record of node_modules names every package of the lock, as after a plain `npm install`.
 * @param {string} root
 * @param {LockFile} lock
 */
function holds(root, lock) {
  const file = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(file)) return false;
  /** @type {LockFile} */
  const there = JSON.parse(readFileSync(file, 'utf8'));
  return Object.entries(lock.packages)
    .filter(([path]) => path.includes('node_modules/'))
    .every(([path, wanted]) => {
      const found = there.packages[path];
      if (!found) return wanted.optional === true || wanted.devOptional === true;
      return found.version === wanted.version && found.integrity === wanted.integrity;
    });
}

/** @param {string} root */
async function npmCi(root) {
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const [program, all] =
    npm && /\.c?js$/.test(npm) ? [process.execPath, [npm, ...args]] : ['npm', args];
  const { code, output } = await run(program, all, root);
  if (code === 0) return;
  throw new Problem(
    `npm ci failed:\n${output.trim().split('\n').slice(-15).join('\n')}`,
    /ENOSPC/.test(output)
      ? 'The disk is full: make about 2 GB free and start again.'
      : 'Check that this machine reaches an npm registry (npm ping), then start again.',
  );
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function run(program, args, cwd) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Prisma's schema engine is never used here, and must not be downloaded.
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
      shell: process.platform === 'win32',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => (output += chunk));
    }
    child.on('error', (error) => resolve({ code: 1, output: `${output}\n${error.message}` }));
    child.on('close', (code) => resolve({ code, output }));
  });
}
