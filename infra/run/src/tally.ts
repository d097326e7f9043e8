import { existsSync, readFileSync } from 'node:fs';

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

/**
 * Reads vitest's JSON report. A file that does not load, or a run that broke off, is a failure too.
 * @param retriedFile what `retried-reporter.ts` left
 */
export function tallyVitest(
  name: string,
  file: string,
  code: number | null,
  retriedFile = '',
): Tally {
  const report = read<VitestReport>(file);
  if (!report) return unreported(name, code);
  const { numPassedTests: passed, numFailedTests, numPendingTests: skipped } = report;
  const broken = numFailedTests === 0 && (code !== 0 || !report.success);
  return {
    name,
    passed,
    failed: broken ? Math.max(1, report.numFailedTestSuites) : numFailedTests,
    skipped,
    retried: read<string[]>(retriedFile) ?? [],
    ...(broken ? { note: `ended with code ${code} though no single test failed` } : {}),
  };
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
