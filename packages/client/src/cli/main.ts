import { readFileSync } from 'node:fs';
import { ambit } from './ambit.ts';

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader has seen enough (`ambit … | head`).
  if (error.code === 'EPIPE') process.exit(0);
});

process.exitCode = await ambit(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  readFile: (path) => readFileSync(path === '-' ? 0 : path, 'utf8'),
  fetch,
  signal: interrupted.signal,
});
