import { expect, it } from 'vitest';
import { markersOf, markersOfFindings } from './diagnostics.ts';

const text = 'kind: A\nspec:\n  http:\n    - timeout: nope\n';
const error = (details: { path: string; message: string; line?: number }[]) => ({
  code: 'unprocessable' as const,
  message: 'Refused.',
  requestId: 'req_1',
  details,
});
const marked = (details: Parameters<typeof error>[0]) =>
  markersOf(text, error(details)).map((marker) => text.slice(marker.from, marker.to));

it('marks the line the server names', () => {
  expect(marked([{ path: '', message: 'x', line: 4 }])).toEqual(['- timeout: nope']);
});

it('finds a line by its path when none is named', () => {
  expect(marked([{ path: 'spec.http[0].timeout', message: 'x' }])).toEqual(['- timeout: nope']);
  expect(marked([{ path: 'nowhere', message: 'x' }])).toEqual(['kind: A']);
});

it('stays inside the text', () => {
  expect(marked([{ path: '', message: 'x', line: 99 }])).toEqual(['']);
  expect(markersOf('', error([{ path: '', message: 'x', line: 1 }]))).toMatchObject([
    { from: 0, to: 0 },
  ]);
});

it('marks the first line when there are no details, and nothing without an error', () => {
  expect(markersOf(text, { ...error([]), fix: 'Mend it.' })[0]?.message).toBe('Refused. Mend it.');
  expect(markersOf(text, null)).toEqual([]);
});

it('marks findings by their line, errors when the mesh denies them, with a button where there is a fix', () => {
  const finding = {
    code: 'IST0101',
    severity: 'warning' as const,
    message: 'm',
    cause: 'c',
    consequence: 'd',
    advice: 'e',
    line: 4,
    denied: false,
    fixed: null as string | null,
  };
  const fixed: string[] = [];
  const markers = markersOfFindings(
    text,
    [finding, { ...finding, denied: true, fixed: 'x' }, { ...finding, line: null }],
    ({ fixed: after }) => fixed.push(after ?? ''),
  );
  expect(markers.map(({ severity }) => severity)).toEqual(['warning', 'error']);
  expect(text.slice(markers[0]!.from, markers[0]!.to)).toBe('- timeout: nope');
  expect(markers[0]!.actions).toBeUndefined();
  markers[1]!.actions![0]!.apply();
  expect(fixed).toEqual(['x']);
});
