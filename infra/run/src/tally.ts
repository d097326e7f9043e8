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
  if (typeof report?.numPassedTests !== 'number') return unreported(name, code);
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

/**
 * Files in which something failed: a test, a hook, the loading of the file, or an error outside of every test. None where
 * an error tells no file: no second try of files can show that it is gone.
 */
export function failedFiles(run: VitestRun): string[] {
  const strays = straysOf(run);
  if (strays.includes(null)) return [];
  const failed = filesOf(run)
    .filter(({ status }) => status === 'failed')
    .map(({ name }) => name);
  return [...new Set([...failed, ...strays.filter((path) => path !== null)])];
}

/**
 * The sum of a run and of another one over the files that had failed in it: what the second says of a file holds, and
 * is named. A file has to pass whole in one of the two; it has failed too where the second says nothing of it, or skips
 * what had failed.
 */
export function tallySecondTry(name: string, first: VitestRun, second: VitestRun): Tally {
  const again = tallyVitest(name, second);
  if (again.passed + again.skipped === 0) return tallyVitest(name, first);
  const files = failedFiles(first);
  const others = filesOf(first).filter((each) => !files.includes(each.name));
  const count = (...wanted: string[]): number =>
    others
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => wanted.includes(status)).length;
  const failures = (path: string): string[] => testsOf(first, path, 'failed');
  const strays = straysOf(second);
  const repaired = files.filter((path) => {
    const passed = testsOf(second, path, 'passed');
    const failed = filesOf(second).some((each) => each.name === path && each.status === 'failed');
    const isWhole = failures(path).every((title) => passed.includes(title));
    return !failed && !strays.includes(path) && passed.length > 0 && isWhole;
  });
  const unproven = files.length - repaired.length - again.failed;
  return {
    ...again,
    passed: again.passed + count('passed'),
    skipped: again.skipped + count('skipped', 'pending', 'todo'),
    // Where no test did, but a hook, the loading or an error outside, the file is named.
    retried: repaired.flatMap((path) =>
      failures(path).length > 0 ? failures(path) : [relative(root, path)],
    ),
    ...(unproven > 0
      ? {
          failed: again.failed + unproven,
          note: 'the second try does not show all that had failed',
        }
      : {}),
  };
}

const filesOf = ({ file }: VitestRun): VitestFile[] => read<VitestReport>(file)?.testResults ?? [];

const straysOf = ({ straysFile = '' }: VitestRun): (string | null)[] =>
  read<(string | null)[]>(straysFile) ?? [];

const testsOf = (run: VitestRun, path: string, wanted: string): string[] =>
  filesOf(run)
    .filter(({ name }) => name === path)
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === wanted)
    .map(({ fullName }) => fullName);

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
