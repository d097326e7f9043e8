import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { LabError } from './lab-error.ts';
import { say } from './say.ts';

const sayAfterMs = 700;

/**
 * Holds an exclusive lock on a file while the work runs; a second holder waits and says so.
 * The lock is flock(2), held by a child that ends when this process does, so a crash frees it.
 */
export async function withLock<T>(
  file: string,
  waitingFor: string,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const holder = spawn('flock', ['--exclusive', file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => holder.on('close', () => resolve()));
  const notice = setTimeout(() => say(`waiting for ${waitingFor} (${file})`), sayAfterMs);
  try {
    await new Promise<void>((resolve, reject) => {
      holder.stdout.once('data', () => resolve());
      holder.once('error', (error) =>
        reject(new LabError(`Could not run flock: ${error.message}`)),
      );
      holder.once('close', (code) =>
        reject(new LabError(`Could not lock ${file} (flock ended with ${code}).`)),
      );
    });
    clearTimeout(notice);
    return await work();
  } finally {
    clearTimeout(notice);
    holder.stdin.end();
    await ended;
  }
}
