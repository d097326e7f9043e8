import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem, report } from '../bootstrap/problem.mjs';
import { say } from '../bootstrap/say.mjs';
import { buildAgent, buildConsole, generateClient } from './builds.ts';
import { ensureChromium } from './chromium.ts';
import { root } from './root.ts';
import {
  closing,
  failedFiles,
  tallyPlaywright,
  tallySecondTry,
  tallyVitest,
  type Tally,
  type VitestRun,
} from './tally.ts';

const parts = ['unit', 'integration', 'journeys', 'lab'] as const;
type Part = (typeof parts)[number];

/** Without arguments everything that needs no lab. */
const usual: Part[] = ['unit', 'integration', 'journeys'];

const usage = `Usage: npm test [-- PART...]

Parts: unit, integration (a real Postgres), journeys (a real browser on a platform of its own),
lab (clients and real istiod against the mesh API, journeys on a real Kubernetes with real Istio; needs Linux, root
and Go). Without a part: ${usual.join(', ')}.`;

function readParts(args: string[]): Part[] {
  const unknown = args.filter((arg) => !parts.includes(arg as Part));
  if (unknown.length > 0) throw new Problem(`there is no part "${unknown.join('", "')}"`, usage);
  return args.length > 0 ? parts.filter((part) => args.includes(part)) : usual;
}

const triesAgain = Number(process.env['AMBIT_TEST_RETRIES'] ?? 0) > 0;

const reports = mkdtempSync(join(tmpdir(), 'ambit-test-report-'));
process.on('exit', () => rmSync(reports, { recursive: true, force: true }));
const reportOf = (name: string): string => join(reports, `${name}.json`);

/** Runs a program in the foreground; Ctrl-C reaches it by the terminal. */
function runInView(args: string[], env: NodeJS.ProcessEnv = {}): Promise<number | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...env },
    });
    const onSignal = (signal: NodeJS.Signals) => {
      child.kill(signal);
      child.once('exit', () => process.exit(signal === 'SIGINT' ? 130 : 143));
    };
    const signals = ['SIGTERM', 'SIGINT'] as const;
    for (const signal of signals) process.once(signal, onSignal);
    child.once('exit', () => {
      for (const signal of signals) process.off(signal, onSignal);
    });
    child.on('error', () => resolve(127));
    child.on('exit', (code) => resolve(code));
  });
}

async function vitestRun(part: Part, name: string, files: string[] = []): Promise<VitestRun> {
  const run = { file: reportOf(name), straysFile: reportOf(`${name}-strays`) };
  const code = await runInView(
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      part,
      '--reporter=default',
      '--reporter=json',
      '--reporter=./infra/run/src/strays-reporter.ts',
      `--outputFile.json=${run.file}`,
      ...files,
    ],
    { AMBIT_STRAYS_FILE: run.straysFile },
  );
  return { ...run, code };
}

/**
 * A second try is one of the whole file, in a process and on a database of its own: a test alone would meet what its
 * first try left behind, and could not pass.
 */
async function vitest(part: Part, name: string = part): Promise<Tally> {
  const first = await vitestRun(part, name);
  const files = part !== 'unit' && triesAgain ? failedFiles(first) : [];
  if (files.length === 0) return tallyVitest(name, first);
  say(`\n── ${name}: once more, the files in which something failed ──`);
  return tallySecondTry(name, first, await vitestRun(part, `${name}-again`, files));
}

async function playwright(part: Part, project: string): Promise<Tally> {
  await buildAgent();
  await buildConsole();
  const chromium = await ensureChromium();
  const code = await runInView(
    [
      'node_modules/@playwright/test/cli.js',
      'test',
      '--config=e2e/playwright.config.ts',
      `--project=${project}`,
    ],
    {
      PLAYWRIGHT_JSON_OUTPUT_NAME: reportOf(part),
      ...(chromium ? { AMBIT_CHROMIUM: chromium } : {}),
    },
  );
  return tallyPlaywright(part, reportOf(part), code);
}

const runners: Record<Part, (() => Promise<Tally>)[]> = {
  unit: [() => vitest('unit')],
  integration: [() => vitest('integration')],
  journeys: [() => playwright('journeys', 'embedded')],
  lab: [() => vitest('lab', 'lab clients'), () => playwright('lab', 'lab')],
};

async function tallyOf(part: Part, run: () => Promise<Tally>): Promise<Tally> {
  say(`\n── ${part} ──`);
  try {
    return await run();
  } catch (error) {
    report(error);
    return { name: part, passed: 0, failed: 1, skipped: 0, note: 'could not be run' };
  }
}

const wanted = readParts(process.argv.slice(2).filter((arg) => arg !== '--'));
await generateClient();
const tallies: Tally[] = [];
for (const part of wanted) {
  for (const run of runners[part]) tallies.push(await tallyOf(part, run));
}
const { text, failed } = closing(tallies);
say(text);
process.exitCode = failed > 0 ? 1 : 0;
