import { sandboxFaultKinds } from '@ambit/contracts/sandbox';
import { expect, it } from 'vitest';
import { faultChoices, mendOf } from './faults.ts';

it('offers all that the sandbox knows, each with its undoing', () => {
  const offered = faultChoices.flatMap(({ kind }) => [kind, mendOf(kind)?.kind ?? []].flat());
  expect(new Set(offered)).toEqual(new Set(sandboxFaultKinds));
});
