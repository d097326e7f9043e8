import { run } from './run.ts';

/** `node bench/main.ts [FOLDER-OF-BINARIES] [SCALE]`: the figures as a table. */
const [binFolder, scale] = process.argv.slice(2);
const figures = await run({
  binFolder: binFolder === '' ? undefined : binFolder,
  scale: Number(scale ?? 1),
  say: (line) => console.error(line),
});
console.table(figures);
