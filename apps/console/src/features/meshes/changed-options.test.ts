import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import { expect, it } from 'vitest';
import { changedPart } from './changed-options.ts';

it('keeps only what differs, at any depth', () => {
  const base = meshOptionsSchema.parse({});
  const value = meshOptionsSchema.parse({ mtls: 'STRICT', proxy: { cpu: '200m' } });
  expect(changedPart(base, value)).toEqual({ mtls: 'STRICT', proxy: { cpu: '200m' } });
  expect(changedPart(base, base)).toEqual({});
});

it('gives a patch that the schema fills up to the same value', () => {
  const value = meshOptionsSchema.parse({ accessLog: true, controlPlane: { minReplicas: 3 } });
  expect(meshOptionsSchema.parse(changedPart(meshOptionsSchema.parse({}), value))).toEqual(value);
});
