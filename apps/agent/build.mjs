import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';

const folder = import.meta.dirname;
const { version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));

/** The commit it was built from, when this is a checkout. */
function revision() {
  try {
    const options = { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' };
    return `+${execFileSync('git', ['rev-parse', '--short=8', 'HEAD'], options).trim()}`;
  } catch {
    return '';
  }
}

await build({
  entryPoints: [`${folder}/src/main.ts`],
  outfile: `${folder}/dist/agent.mjs`,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minifySyntax: true,
  legalComments: 'none',
  define: { AMBIT_AGENT_VERSION: JSON.stringify(`${version}${revision()}`) },
  banner: {
    // pino is CommonJS and asks for Node's own modules by require.
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
});
