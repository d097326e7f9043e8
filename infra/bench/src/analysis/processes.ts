import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PeerFinding } from '@ambit/analysis/testing/peer';
import type { Measured } from './measure.ts';

const checkout = fileURLToPath(new URL('../../../../', import.meta.url));
const ambit = resolve(checkout, 'packages/client/bin/ambit.mjs');
const measure = fileURLToPath(new URL('./measure.ts', import.meta.url));

export type Run = { ms: number; stdout: string; stderr: string };

/** Runs a program to its end. Throws an Error when its exit code is not among those expected. */
function timed(command: string, args: string[], expected: readonly number[] = [0]): Run {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    env: { ...process.env, KUBECONFIG: '/dev/null' },
  });
  const ms = performance.now() - start;
  if (error) throw error;
  if (!expected.includes(status ?? -1)) {
    throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr.slice(0, 2000)}`);
  }
  return { ms, stdout, stderr };
}

/** `ambit analyze` as a person runs it. */
export const runAmbit = (files: string[], flags: string[] = []): Run =>
  timed(process.execPath, [ambit, 'analyze', '-o', 'json', ...flags, ...files], [0, 1]);

/** `istioctl analyze` on files alone; 79 says that it found errors. */
export const runIstioctl = (istioctl: string, files: string[]): Run =>
  timed(istioctl, ['analyze', '-A', '--use-kube=false', ...files], [0, 79]);

/** The library with all of its analyzers. */
export const runPeer = (peer: string, files: string[]): Run => timed(peer, ['--stats', ...files]);

export function findingsOfPeer({ stdout }: Run): PeerFinding[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as PeerFinding);
}

/** `ambit analyze` of a file measured from within its process. */
export function runMeasure(file: string): Measured {
  return JSON.parse(timed(process.execPath, [measure, file]).stderr) as Measured;
}
