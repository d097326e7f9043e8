import { readFileSync } from 'node:fs';
import { UsageError } from '../usage-error.ts';
import { analyzeCommand } from './command.ts';

/** `ambit analyze` as a program of its own, bundled into one file: it starts without the rest of the CLI. */
function main(): number {
  try {
    return analyzeCommand(process.argv.slice(3), {
      out: (text) => void process.stdout.write(text),
      err: (text) => void process.stderr.write(text),
      readFile: (path) => readFileSync(path === '-' ? 0 : path, 'utf8'),
    });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`ambit: ${error.message}\n${error.fix}\n`);
    return 2;
  }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader has seen enough (`ambit … | head`).
  if (error.code === 'EPIPE') process.exit(0);
});
process.exitCode = main();
