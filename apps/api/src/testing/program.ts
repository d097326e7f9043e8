import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Program {
  /** Everything written so far, both streams. */
  output(): string;
  /** Resolves with the exit code. */
  ended: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

/** Runs one of the API's programs (main.ts, setup.ts, worker.ts) with only these variables. */
export function runProgram(name: string, env: Record<string, string>): Program {
  const path = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const child = spawn(process.execPath, [path], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return {
    output: () => output,
    ended: new Promise((resolve) => child.on('close', (code) => resolve(code))),
    kill: (signal) => child.kill(signal),
  };
}
