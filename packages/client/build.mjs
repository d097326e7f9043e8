import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { parseSync, Visitor } from 'oxc-parser';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = join(folder, '../..');

/** What the catalogue of rules tells and `ambit analyze` does not: a third of the bundle. */
const unread = new Map([
  ['examples', '[]'],
  ['explanation', "''"],
  ['howToFix', "''"],
]);

/** @param {string} file @param {string} text */
function withoutUnread(file, text) {
  /** @type {{start: number, end: number, by: string}[]} */
  const cuts = [];
  const visitor = new Visitor({
    Property: (node) => {
      const key = node.key.type === 'Identifier' ? node.key.name : '';
      const by = unread.get(key);
      if (by !== undefined && !node.shorthand) {
        cuts.push({ start: node.value.start, end: node.value.end, by });
      }
    },
  });
  visitor.visit(parseSync(file, text).program);
  let result = text;
  let cutFrom = Infinity;
  for (const { start, end, by } of cuts.sort((a, b) => b.start - a.start)) {
    if (end > cutFrom) continue;
    result = result.slice(0, start) + by + result.slice(end);
    cutFrom = start;
  }
  return result;
}

/** @returns {import('esbuild').Plugin} */
const shrinkRules = () => ({
  name: 'shrink-rules',
  setup: ({ onLoad }) => {
    onLoad({ filter: /packages\/analysis\/src\/rules\/.*\.ts$/ }, ({ path }) => ({
      contents: withoutUnread(path, readFileSync(path, 'utf8')),
      loader: 'ts',
    }));
  },
});

/**
 * Nobody reads half of it, and two that write it at once do no harm.
 * @param {string} path @param {string} text
 */
function writeWhole(path, text) {
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
}

/**
 * Tables stay files of their own and are read when they are first asked for.
 * @param {string} out
 * @returns {import('esbuild').Plugin}
 */
const lazyTables = (out) => ({
  name: 'lazy-tables',
  setup: ({ onLoad }) => {
    onLoad({ filter: /generated\/[^/]+\.json$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      writeWhole(join(out, basename(path)), text);
      const keys = Object.keys(JSON.parse(text));
      return {
        contents: [
          `import { readFileSync } from 'node:fs';`,
          `import { join } from 'node:path';`,
          `let table;`,
          `const read = () => (table ??= JSON.parse(readFileSync(join(__dirname, ${JSON.stringify(basename(path))}), 'utf8')));`,
          `export default { ${keys.map((key) => `get ${key}() { return read().${key}; }`).join(', ')} };`,
        ].join('\n'),
        loader: 'js',
      };
    });
  },
});

/** Bundles `ambit analyze` into dist/analyze.cjs, and notes what it was made of. */
export async function buildAnalyze() {
  const out = join(folder, 'dist');
  mkdirSync(out, { recursive: true });
  const yaml = createRequire(join(folder, 'package.json')).resolve('yaml/package.json');
  const temporary = join(out, `analyze.${process.pid}.cjs`);
  const { metafile } = await build({
    entryPoints: [join(folder, 'src/cli/analyze/main.ts')],
    outfile: temporary,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
    // Its build for browsers is made of modules, of which only those in use are taken.
    alias: { yaml: join(yaml, '../browser/index.js') },
    plugins: [shrinkRules(), lazyTables(out)],
  });
  const inputs = [...Object.keys(metafile.inputs), 'packages/client/build.mjs']
    .map((path) => join(root, path))
    .filter((path) => !path.includes('node_modules') || path.endsWith('browser/index.js'));
  const stamp = inputs.map((path) => [path, statSync(path).mtimeMs]);
  // What was compiled of bundles before it is of no use.
  for (const name of readdirSync(out)) if (name.includes('.compiled')) rmSync(join(out, name));
  renameSync(temporary, join(out, 'analyze.cjs'));
  writeWhole(join(out, 'analyze.json'), JSON.stringify(stamp));
  // The first run leaves what it compiled: a file with something of everything leaves the most.
  const warmUp = [join(folder, 'bin/ambit.mjs'), 'analyze', join(folder, 'bin/warm-up.yaml')];
  spawnSync(process.execPath, warmUp, { stdio: 'ignore' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAnalyze();
