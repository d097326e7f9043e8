import { expect, test } from 'vitest';
import { sentenceOf } from './sentence.ts';

const ok = { state: 'ok', name: 'prometheus', problems: [] };
const away = { state: 'failed', name: 'other', problems: ['It refuses.'] };
const signals = (rate: number | null, errors: number | null, p95: number | null) => ({
  rate: [1, rate],
  errorShare: [0, errors],
  p95Ms: [9, p95],
});

test.each([
  [signals(2, 0, 12.34), [ok], 'Ready', '2 requests/s, no errors, 95% within 12.3 ms.'],
  [signals(2, 0.05, 12), [ok], 'Degraded', '2 requests/s, 5% fail, 95% within 12 ms.'],
  [signals(2, 0.5, 12), [ok], 'Failed', '2 requests/s, 50% fail, 95% within 12 ms.'],
  [signals(0, null, null), [ok], 'Waiting', 'Nobody asks it now.'],
  [null, [ok], 'Unknown', 'Nobody told of requests to it lately.'],
  [null, [away], 'Unknown', 'No source answers. other: It refuses.'],
  [
    signals(2, 0, 10),
    [ok, away],
    'Ready',
    '2 requests/s, no errors, 95% within 10 ms. other does not answer.',
  ],
  [
    signals(2, 0, 10),
    [ok, { state: 'partial', name: 'thanos', problems: ['A store is down.'] }],
    'Ready',
    '2 requests/s, no errors, 95% within 10 ms. thanos tells in part: A store is down.',
  ],
])('of %j it says how it is', (inbound, sources, status, text) => {
  expect(sentenceOf(inbound, sources)).toEqual({ status, text });
});

test('without a source it says what to do', () => {
  expect(sentenceOf(null, [])).toMatchObject({ status: 'Unknown' });
});
