import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from './root.ts';

/** What one runner found. `note` says why it counts when it left no report. */
export interface Tally {
  name: string;
  passed: number;
  failed: number;
  skipped: number;
  /** Tests that passed only when they were tried again. */
  retried?: string[];
  note?: string;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numFailedTestSuites: number;
  success: boolean;
  testResults: VitestFile[];
}

interface VitestFile {
  /** Its path. */
  name: string;
  status: 'passed' | 'failed';
  assertionResults: { fullName: string; status: string }[];
}

/** One run of vitest: its report, what `strays-reporter.ts` left, and how it ended. */
export interface VitestRun {
  file: string;
  straysFile?: string;
  code: number | null;
}

interface PlaywrightSuite {
  title: string;
  suites?: PlaywrightSuite[];
  specs?: { title: string; tests: { status: string }[] }[];
}
interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  suites?: PlaywrightSuite[];
}

/** Reads vitest's JSON report. A file that does not load, or a run that broke off, is a failure too. */
export function tallyVitest(name: string, { file, code }: VitestRun): Tally {
  const report = read<VitestReport>(file);
  if (!report) return unreported(name, code);
  const { numPassedTests: passed, numFailedTests, numPendingTests: skipped } = report;
  const broken = numFailedTests === 0 && (code !== 0 || !report.success);
  return {
    name,
    passed,
    failed: broken ? Math.max(1, report.numFailedTestSuites) : numFailedTests,
    skipped,
    ...(broken ? { note: `ended with code ${code} though no single test failed` } : {}),
  };
}

/** Files in which something failed: a test, a hook, the loading of the file, or an error outside of every test. */
export function failedFiles({ file, straysFile = '' }: VitestRun): string[] {
  const failed = (read<VitestReport>(file)?.testResults ?? [])
    .filter(({ status }) => status === 'failed')
    .map(({ name }) => name);
  const strays = (read<(string | null)[]>(straysFile) ?? []).filter((path) => path !== null);
  return [...new Set([...failed, ...strays])];
}

/**
 * The sum of a run and of another one over the files that had failed in it: what the second says of a file holds, and
 * is named. A file has to pass whole in one of the two.
 */
export function tallySecondTry(name: string, first: VitestRun, second: VitestRun): Tally {
  const report = read<VitestReport>(first.file);
  const again = tallyVitest(name, second);
  if (!report || again.passed + again.skipped === 0) return tallyVitest(name, first);
  const files = failedFiles(first);
  const others = report.testResults.filter((each) => !files.includes(each.name));
  const count = (...wanted: string[]): number =>
    others
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => wanted.includes(status)).length;
  const stillFailed = new Set(failedFiles(second));
  const retried = files
    .filter((path) => !stillFailed.has(path))
    .flatMap((path) => failuresIn(report, path));
  return {
    ...again,
    passed: again.passed + count('passed'),
    skipped: again.skipped + count('skipped', 'pending', 'todo'),
    retried,
  };
}

/** The tests of a file that failed; the file itself where none did, but a hook, the loading or an error outside. */
function failuresIn(report: VitestReport, path: string): string[] {
  const tests = report.testResults.find(({ name }) => name === path)?.assertionResults ?? [];
  const failed = tests.filter(({ status }) => status === 'failed');
  return failed.length > 0 ? failed.map(({ fullName }) => fullName) : [relative(root, path)];
}

const retriedIn = ({ suites = [], specs = [] }: PlaywrightSuite): string[] => [
  ...specs
    .filter(({ tests }) => tests.some(({ status }) => status === 'flaky'))
    .map(({ title }) => title),
  ...suites.flatMap(retriedIn),
];

/** Reads Playwright's JSON report. */
export function tallyPlaywright(name: string, file: string, code: number | null): Tally {
  const report = read<PlaywrightReport>(file);
  if (!report) return unreported(name, code);
  const { expected, unexpected: failed, flaky, skipped } = report.stats;
  const broken = failed === 0 && code !== 0;
  return {
    name,
    passed: expected + flaky,
    failed: broken ? 1 : failed,
    skipped,
    retried: retriedIn({ title: '', suites: report.suites ?? [] }),
    ...(broken ? { note: `ended with code ${code} though no single test failed` } : {}),
  };
}

const unreported = (name: string, code: number | null): Tally => ({
  name,
  passed: 0,
  failed: 1,
  skipped: 0,
  note: `ended with code ${code} and left no report`,
});

function read<T>(file: string): T | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/** The closing lines: one for each runner, then `N passed, N failed` alone on the last. */
export function closing(tallies: Tally[]): { text: string; failed: number } {
  const sum = (key: 'passed' | 'failed') => tallies.reduce((all, tally) => all + tally[key], 0);
  const lines = tallies.map(
    ({ name, passed, failed, skipped, note }) =>
      `  ${name.padEnd(14)}${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}${note ? ` (${note})` : ''}`,
  );
  const retried = tallies.flatMap(({ name, retried: titles = [] }) =>
    titles.map((title) => `  passed only on the second try: ${name}: ${title}`),
  );
  return {
    text: ['', ...lines, ...retried, '', `${sum('passed')} passed, ${sum('failed')} failed`].join(
      '\n',
    ),
    failed: sum('failed'),
  };
}
