import { expect, it } from 'vitest';
import { furtherKinds } from '@ambit/contracts/agent/objects';
import { leftOut, rulesFor } from './told.ts';

const codes = (told: typeof furtherKinds | readonly []) =>
  new Set(rulesFor({ hasFacts: true, told }).map(({ code }) => code));
const further = [
  'AMB0009',
  'AMB0022',
  'AMB0023',
  'AMB0050',
  'AMB0051',
  'IST0161',
  'KIA0106',
  'KIA0107',
  'KIA1701',
];

it('rules that read what an agent may not be able to tell run only when it is told', () => {
  const [all, none] = [codes(furtherKinds), codes([])];
  for (const code of further)
    expect([code, all.has(code), none.has(code)]).toEqual([code, true, false]);
  expect(none).toContain('IST0138');
  expect(leftOut({ hasFacts: true, told: [] })).toBeGreaterThan(
    leftOut({ hasFacts: true, told: furtherKinds }),
  );
});

it('that a Secret is missing is never concluded of a mesh', () => {
  const ids = rulesFor({ hasFacts: true, told: furtherKinds }).map(({ id }) => id);
  expect(ids).not.toContain('IST0101/gateway-credential');
  expect(ids).toContain('IST0101/virtual-service-host');
});
