import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LabError } from './lab-error.ts';

export type RunOptions = {
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** Written to stdin, which is closed after it. */
  input?: string;
  /** Output goes to the end of this file instead of the result. */
  logFile?: string;
};

export type RunResult = { code: number; stdout: string; stderr: string };

/** Runs a program to its end. Rejects only when it cannot be started; a bad exit is in `code`. */
export async function run(
  command: string,
  args: string[],
  options: RunOptions = {},
): Promise<RunResult> {
  if (options.logFile) mkdirSync(dirname(options.logFile), { recursive: true });
  const log = options.logFile ? openSync(options.logFile, 'a') : undefined;
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(command, args, {
        cwd: options.cwd,
        env: { ...process.env, ...options.env },
        stdio: [options.input === undefined ? 'ignore' : 'pipe', log ?? 'pipe', log ?? 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.on('error', (error) => {
        reject(new LabError(`Could not run ${command}: ${error.message}`));
      });
      child.on('close', (code, signal) => {
        resolve({ code: code ?? (signal ? 128 : 1), stdout, stderr });
      });
      child.stdin?.on('error', () => undefined).end(options.input);
    });
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

/** Runs a program that has to succeed, and gives its stdout. Throws LabError with the end of its output. */
export async function must(
  command: string,
  args: string[],
  options: RunOptions = {},
): Promise<string> {
  const result = await run(command, args, options);
  if (result.code === 0) return result.stdout;
  const output = options.logFile
    ? readFileSync(options.logFile, 'utf8')
    : result.stderr || result.stdout;
  throw new LabError(
    `${command} ${args.slice(0, 4).join(' ')} ended with ${result.code}:\n${lastLines(output, 15)}`,
    options.logFile ? `The whole log: ${options.logFile}` : undefined,
  );
}

/** The last lines of a text, without the empty ones at its end. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
