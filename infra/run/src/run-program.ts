import { spawn, type ChildProcess } from 'node:child_process';
import { root } from './root.ts';

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Both, as they came. */
  output: string;
}

const running = new Set<ChildProcess>();

/** Ends every program that is under way, when the launcher itself is ended. */
export function endPrograms(): void {
  for (const child of running) child.kill('SIGTERM');
}

/** Runs a program to its end, from the root of the checkout, and gives what it wrote. */
export function runProgram(
  program: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    child.once('close', () => running.delete(child));
    const outcome: Outcome = { code: null, stdout: '', stderr: '', output: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        outcome[name] += text;
        outcome.output += text;
      });
    }
    child.on('error', (error) => resolve({ ...outcome, code: 127, output: error.message }));
    child.on('close', (code) => resolve({ ...outcome, code }));
  });
}

export const lastLines = (text: string, count: number): string =>
  text.trimEnd().split('\n').slice(-count).join('\n');
