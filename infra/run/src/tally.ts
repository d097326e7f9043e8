import { existsSync, readFileSync } from 'node:fs';

/** What one runner found. `note` says why it counts when it left no report. */
export interface Tally {
  name: string;
  passed: number;
  failed: number;
  skipped: number;
  note?: string;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numFailedTestSuites: number;
  success: boolean;
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
}

/** Reads vitest's JSON report. A file that does not load, or a run that broke off, is a failure too. */
export function tallyVitest(name: string, file: string, code: number | null): Tally {
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

/** Reads Playwright's JSON report; a test that passed only on a retry counts as failed. */
export function tallyPlaywright(name: string, file: string, code: number | null): Tally {
  const report = read<PlaywrightReport>(file);
  if (!report) return unreported(name, code);
  const { expected: passed, unexpected, flaky, skipped } = report.stats;
  const failed = unexpected + flaky;
  const broken = failed === 0 && code !== 0;
  return {
    name,
    passed,
    failed: broken ? 1 : failed,
    skipped,
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
  return {
    text: ['', ...lines, '', `${sum('passed')} passed, ${sum('failed')} failed`].join('\n'),
    failed: sum('failed'),
  };
}
