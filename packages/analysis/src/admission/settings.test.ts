import { expect, test } from 'vitest';
import type { RuleMode } from '@ambit/contracts/findings';
import { modeOf } from './settings.ts';

const mode = (modes: Record<string, RuleMode>, also?: string[]): RuleMode =>
  modeOf(
    { modes: new Map(Object.entries(modes)), suppressions: [] },
    {
      code: 'IST0101',
      severity: 'error',
      resource: 'VirtualService shop/web',
      ...(also ? { also } : {}),
    },
    {},
    0,
  );

test('a code of another catalogue that says the same is obeyed when it is stricter', () => {
  expect(mode({ IST0101: 'warn', KIA1101: 'deny' }, ['KIA1101'])).toBe('deny');
  expect(mode({ IST0101: 'warn', KIA1101: 'off' }, ['KIA1101'])).toBe('warn');
  expect(mode({ IST0101: 'off' }, ['KIA1101'])).toBe('off');
});

test('another code of which nothing is said changes nothing', () => {
  expect(mode({ '*': 'off' }, ['KIA1101'])).toBe('off');
  expect(mode({ '*': 'deny', IST0101: 'warn' }, ['KIA1101'])).toBe('warn');
  expect(mode({ IST0101: 'warn', KIA1101: 'deny' })).toBe('warn');
});
