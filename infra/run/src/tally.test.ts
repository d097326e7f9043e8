import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { closing, tallyPlaywright, tallyVitest } from './tally.ts';

const folder = mkdtempSync(join(tmpdir(), 'ambit-tally-'));

function report(content: unknown): string {
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const vitest = {
  numPassedTests: 7,
  numFailedTests: 0,
  numPendingTests: 1,
  numFailedTestSuites: 0,
  success: true,
};

test.each([
  ['all pass', vitest, 0, 7, 0],
  ['one fails', { ...vitest, numFailedTests: 1, success: false }, 1, 7, 1],
  ['a file does not load', { ...vitest, numFailedTestSuites: 2, success: false }, 1, 7, 2],
  ['an error outside every test', vitest, 1, 7, 1],
  ['a report cut short', '{"numPassed', 1, 0, 1],
])('vitest: %s', (_, content, code, passed, failed) => {
  expect(tallyVitest('unit', report(content), code)).toMatchObject({ passed, failed });
});

test('a runner that leaves no report counts as a failure', () => {
  expect(tallyVitest('unit', join(folder, 'none.json'), 0)).toMatchObject({ passed: 0, failed: 1 });
});

test.each([
  ['all pass', { expected: 3, unexpected: 0, flaky: 0, skipped: 1 }, 0, 3, 0],
  ['one passes when tried again', { expected: 3, unexpected: 1, flaky: 1, skipped: 0 }, 1, 4, 1],
  ['global set-up fails', { expected: 0, unexpected: 0, flaky: 0, skipped: 0 }, 1, 0, 1],
])('Playwright: %s', (_, stats, code, passed, failed) => {
  expect(tallyPlaywright('journeys', report({ stats }), code)).toMatchObject({ passed, failed });
});

test('what passed only when tried again is named', () => {
  const stats = { expected: 0, unexpected: 0, flaky: 1, skipped: 0 };
  const specs = [{ title: 'shaky', tests: [{ status: 'flaky' }] }];
  const journeys = tallyPlaywright(
    'journeys',
    report({ stats, suites: [{ title: 'file', suites: [{ title: 'group', specs }] }] }),
    0,
  );
  const integration = tallyVitest('integration', report(vitest), 0, report(['slow']));
  expect(closing([journeys, integration]).text).toMatch(
    /second try: journeys: shaky\n.*second try: integration: slow/,
  );
});

test('the last line is the sum over all runners', () => {
  const { text, failed } = closing([
    { name: 'unit', passed: 7, failed: 1, skipped: 0 },
    { name: 'journeys', passed: 3, failed: 2, skipped: 1, note: 'why' },
  ]);
  expect(text.split('\n').at(-1)).toBe('10 passed, 3 failed');
  expect(failed).toBe(3);
});
