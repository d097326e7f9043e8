import { readFileSync, writeSync } from 'node:fs';
import { UsageError } from '../usage-error.ts';
import { analyzeCommand } from './command.ts';

/** Writes to a descriptor without Node's streams, which take longer to load than most files to analyze. */
function write(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The reader has seen enough (`ambit … | head`).
      if (code === 'EPIPE') process.exit(0);
      if (code !== 'EAGAIN') throw error;
      // A pipe that does not block is full: wait a little for its reader.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

const largeChars = 1_000_000;

/**
 * Turns off the last of V8's compilers. A run ends before what it compiles has paid for itself: with it 12,400 objects
 * take a sixth more time on the processor, 50,000 too. Older Nodes lack the compiler that would take its place.
 */
function compileLess(): void {
  if (Number(process.versions.node.split('.')[0]) < 24) return;
  process.getBuiltinModule('node:v8').setFlagsFromString('--no-turbofan');
}

/** Reads files; from a size on, at which it matters, fits the process to it. Loading node:v8 takes some milliseconds. */
function reader(): (path: string) => string {
  let chars = 0;
  return (path) => {
    const text = readFileSync(path === '-' ? 0 : path, 'utf8');
    const wasLarge = chars > largeChars;
    chars += text.length;
    if (chars > largeChars && !wasLarge) compileLess();
    return text;
  };
}

/** `ambit analyze` as a program of its own, bundled into one file: it starts without the rest of the CLI. */
function main(): number {
  try {
    return analyzeCommand(process.argv.slice(3), {
      out: (text) => write(1, text),
      err: (text) => write(2, text),
      readFile: reader(),
    });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    write(2, `ambit: ${error.message}\n${error.fix}\n`);
    return 2;
  }
}

process.exitCode = main();
