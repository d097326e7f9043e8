import { describe, expect, it } from 'vitest';
import {
  absoluteTime,
  bytesText,
  count,
  countdown,
  duration,
  exactShareText,
  kubectlKind,
  listWords,
  msText,
  rateText,
  relativeTime,
  sentence,
  shareText,
} from './format.ts';

const now = Date.parse('2026-11-02T12:00:00.000Z');
const ago = (s: number) => new Date(now - s * 1000).toISOString();

describe('relativeTime', () => {
  it.each([
    [0, 'just now'],
    [4, 'just now'],
    [42, '42 s ago'],
    [60, '1 min ago'],
    [3599, '59 min ago'],
    [7200, '2 h ago'],
    [86_400 * 3, '3 d ago'],
    [86_400 * 90, '3 mo ago'],
    [86_400 * 800, '2 y ago'],
    [-200, 'in 3 min'],
  ])('says %i seconds as "%s"', (s, text) => {
    expect(relativeTime(ago(s), now)).toBe(text);
  });
});

it.each([
  [400, '0.4 s'],
  [12_900, '12 s'],
  [185_000, '3 min 05 s'],
  [7_800_000, '2 h 10 min'],
  [-5, '<0.1 s'],
])('duration says %i ms as "%s"', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it('counts down and stops at zero', () => {
  expect(countdown(3_547_000)).toBe('59:07');
  expect(countdown(900)).toBe('0:00');
  expect(countdown(-1)).toBe('0:00');
});

it('counts with the right noun and grouping', () => {
  expect(count(1, 'cluster')).toBe('1 cluster');
  expect(count(0, 'cluster')).toBe('0 clusters');
  expect(count(1204, 'policy', 'policies')).toBe('1,204 policies');
});

it('joins words', () => {
  expect(listWords([])).toBe('');
  expect(listWords(['owner'])).toBe('owner');
  expect(listWords(['owner', 'admin', 'operator'])).toBe('owner, admin or operator');
});

it('names the time zone in an absolute time', () => {
  expect(absoluteTime('2026-11-02T10:15:03.000Z', 'UTC')).toBe('2 Nov 2026, 10:15:03 UTC');
});

it('names kinds as kubectl takes them', () => {
  expect(kubectlKind('networking.istio.io/v1', 'VirtualService')).toBe(
    'virtualservice.networking.istio.io',
  );
  expect(kubectlKind('v1', 'Pod')).toBe('pod');
});

it('makes sentences of messages', () => {
  expect(sentence('no mesh here')).toBe('No mesh here.');
  expect(sentence('Is it? ')).toBe('Is it?');
  expect(sentence('')).toBe('');
});

it('writes numbers with units and no false precision', () => {
  expect([0, 0.004, 0.82, 7.04, 480, 1_200].map(rateText)).toEqual([
    '0/s',
    '<0.01/s',
    '0.82/s',
    '7.0/s',
    '480/s',
    '1.2k/s',
  ]);
  expect([null, 0, 0.0001, 0.076, 0.5].map(shareText)).toEqual([
    'no traffic',
    '0%',
    '<0.1%',
    '7.6%',
    '50%',
  ]);
  expect([null, 0, 0.375, 0.99, 0.99951, 1].map((share) => exactShareText(share))).toEqual([
    '–',
    '0%',
    '37.5%',
    '99%',
    '99.951%',
    '100%',
  ]);
  expect([null, 0.4, 12, 1_400].map(msText)).toEqual(['not measured', '<1 ms', '12 ms', '1.4 s']);
  expect(bytesText(1_500)).toBe('1.5 kB/s');
});
