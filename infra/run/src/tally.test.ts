import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './root.ts';
import { closing, failedFiles, tallyPlaywright, tallySecondTry, tallyVitest } from './tally.ts';

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
  ['an empty report', '', 0, 0, 1],
  ['a report without figures', {}, 0, 0, 1],
])('vitest: %s', (_, content, code, passed, failed) => {
  expect(tallyVitest('unit', { file: report(content), code })).toMatchObject({ passed, failed });
});

test('a runner that leaves no report counts as a failure', () => {
  expect(tallyVitest('unit', { file: join(folder, 'none.json'), code: 0 })).toMatchObject({
    passed: 0,
    failed: 1,
  });
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
  const integration = { name: 'integration', passed: 7, failed: 0, skipped: 0, retried: ['slow'] };
  expect(closing([journeys, integration]).text).toMatch(
    /second try: journeys: shaky\n.*second try: integration: slow/,
  );
});

type Tests = Record<string, 'passed' | 'failed' | 'skipped' | 'pending'>;

/** A run of vitest over files, each with its tests; `strays` are files of errors outside of every test. */
function ran(files: Record<string, Tests>, strays: (string | null)[] = []) {
  const count = (...wanted: string[]) =>
    Object.values(files)
      .flatMap((tests) => Object.values(tests))
      .filter((status) => wanted.includes(status)).length;
  const passes = (tests: Tests) =>
    Object.values(tests).every((status) => status === 'passed') && Object.keys(tests).length > 0;
  const success = Object.values(files).every(passes) && strays.length === 0;
  const testResults = Object.entries(files).map(([name, tests]) => ({
    name: join(root, name),
    status: passes(tests) ? 'passed' : 'failed',
    assertionResults: Object.entries(tests).map(([fullName, status]) => ({ fullName, status })),
  }));
  const found = {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('skipped', 'pending'),
    numFailedTestSuites: testResults.filter(({ status }) => status === 'failed').length,
  };
  return {
    file: report({ ...found, success, testResults }),
    straysFile: report(strays.map((name) => (name === null ? null : join(root, name)))),
    code: success ? 0 : 1,
  };
}

const good: Tests = { a: 'passed', b: 'passed' };

test.each<[string, ReturnType<typeof ran>, string[]]>([
  ['a test', ran({ one: good, two: { c: 'passed', d: 'failed' } }), ['two']],
  ['a hook before all tests', ran({ one: good, two: { c: 'skipped', d: 'skipped' } }), ['two']],
  ['the loading of a file', ran({ one: good, two: {} }), ['two']],
  ['a process that dies', ran({ one: good, two: { c: 'pending' } }, ['two']), ['two']],
  ['a process that does not begin', ran({ one: good }, ['two']), ['two']],
  ['an error outside of every test', ran({ one: good, two: { c: 'passed' } }, ['two']), ['two']],
  ['an error that tells no file', ran({ one: good }, [null]), []],
  ['such an error beside a test', ran({ one: good, two: { d: 'failed' } }, [null]), []],
  ['nothing', ran({ one: good }), []],
])('what fails is to be tried again by its file: %s', (_, run, files) => {
  expect(failedFiles(run)).toEqual(files.map((name) => join(root, name)));
});

test.each<[string, ReturnType<typeof ran>, ReturnType<typeof ran>, object]>([
  [
    'what passes whole then counts as passed, and is named',
    ran({ one: good, two: { c: 'passed', d: 'failed', e: 'failed' } }),
    ran({ two: { c: 'passed', d: 'passed', e: 'passed' } }),
    { passed: 5, failed: 0, skipped: 0, retried: ['d', 'e'] },
  ],
  [
    'a file that was not loaded is named itself',
    ran({ one: good, two: {} }),
    ran({ two: { c: 'passed' } }),
    { passed: 3, failed: 0, retried: ['two'] },
  ],
  [
    'what fails again has failed',
    ran({ one: good, two: { c: 'passed', d: 'failed' }, three: { e: 'failed' } }),
    ran({ two: { c: 'passed', d: 'failed' }, three: { e: 'passed' } }),
    { passed: 4, failed: 1, retried: ['e'] },
  ],
  [
    'another test of the file that fails then has failed',
    ran({ two: { c: 'passed', d: 'failed' } }),
    ran({ two: { c: 'failed', d: 'passed' } }),
    { passed: 1, failed: 1, retried: [] },
  ],
  [
    'an error outside of every test that comes again has failed',
    ran({ one: good, two: { c: 'passed' } }, ['two']),
    ran({ two: { c: 'passed' } }, ['two']),
    { passed: 3, failed: 1, retried: [] },
  ],
  [
    'a file that is not loaded again has failed',
    ran({ one: good, two: {}, three: { e: 'failed' } }),
    ran({ two: {}, three: { e: 'passed' } }),
    { passed: 3, failed: 1, retried: ['e'] },
  ],
  [
    'a file of which the second run says nothing has failed',
    ran({ one: good, two: { c: 'failed' }, three: { e: 'failed' } }),
    ran({ three: { e: 'passed' } }),
    { passed: 3, failed: 1, retried: ['e'] },
  ],
  [
    'a file that did not begin and of which the second run says nothing has failed',
    ran({ one: good, three: { e: 'failed' } }, ['two']),
    ran({ three: { e: 'passed' } }),
    { passed: 3, failed: 1, retried: ['e'] },
  ],
  [
    'what had failed and is skipped then has failed',
    ran({ one: good, two: { c: 'passed', d: 'failed' } }),
    ran({ two: { c: 'passed', d: 'skipped' } }),
    { passed: 3, failed: 1, retried: [] },
  ],
  [
    'a process that dies again has failed, and so has what it kept from beginning',
    ran({ one: good, two: { c: 'failed' }, three: { e: 'failed' } }),
    ran({ two: { c: 'pending' } }, ['two', 'three']),
    { passed: 2, failed: 2, retried: [] },
  ],
  [
    'a second run without a report changes nothing',
    ran({ one: good, two: { c: 'passed', d: 'failed' } }),
    { file: join(folder, 'none.json'), straysFile: join(folder, 'none.json'), code: 137 },
    { passed: 3, failed: 1 },
  ],
])('of two tries: %s', (_, first, second, tally) => {
  expect(tallySecondTry('integration', first, second)).toMatchObject(tally);
});

test('the last line is the sum over all runners', () => {
  const { text, failed } = closing([
    { name: 'unit', passed: 7, failed: 1, skipped: 0 },
    { name: 'journeys', passed: 3, failed: 2, skipped: 1, note: 'why' },
  ]);
  expect(text.split('\n').at(-1)).toBe('10 passed, 3 failed');
  expect(failed).toBe(3);
});
