import { poolSpecSchema } from '@ambit/contracts/agent/waypoint';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draftOf, specOf, tolerationOf, tolerationText } from './pool-draft.ts';

const spec = poolSpecSchema.parse({
  kind: 'dedicated',
  size: 'medium',
  minReplicas: 2,
  maxReplicas: 8,
  scaling: { by: 'agent', requestsPerSecond: 500, cpuPercent: null },
  nodeSelector: { 'ambit.dev/waypoints': 'true' },
  tolerations: [
    { key: 'ambit.dev/waypoints', operator: 'Exists', effect: 'NoSchedule' },
    { key: 'team', operator: 'Equal', value: 'edge', effect: 'NoExecute' },
    { operator: 'Exists' },
  ],
  podAnnotations: { 'example.com/spec': 'a=b,c' },
  pricePerHour: 0.125,
});

describe('a draft of a pool', () => {
  it('stands for the very spec it was made of', () => {
    expect(specOf(draftOf(spec))).toEqual(spec);
  });

  it('is refused by the schema at the field where no number stands, and takes a comma for a point', () => {
    const draft = { ...draftOf(spec), minReplicas: 'two', pricePerHour: '0,2', currency: 'eur' };
    const checked = poolSpecSchema.safeParse(specOf(draft));
    expect(checked.success ? [] : checked.error.issues.map(({ path }) => path.join('.'))).toEqual([
      'minReplicas',
    ]);
    expect(specOf({ ...draft, minReplicas: '2' })).toMatchObject({
      minReplicas: 2,
      pricePerHour: 0.2,
      currency: 'EUR',
    });
  });

  it('keeps what its fields do not know', () => {
    const later = { ...spec, sleepAfterS: 600 } as typeof spec;
    expect(specOf(draftOf(later))).toEqual(later);
  });
});

it('writes tolerations as taints are written, and reads them again', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9./-]{0,12}$/);
  const effect = fc.constantFrom('NoSchedule' as const, 'NoExecute' as const, undefined);
  fc.assert(
    fc.property(word, fc.option(word, { nil: undefined }), effect, (key, value, of) => {
      const toleration = {
        key,
        operator: value === undefined ? ('Exists' as const) : ('Equal' as const),
        ...(value === undefined ? {} : { value }),
        ...(of === undefined ? {} : { effect: of }),
      };
      expect(tolerationOf(tolerationText(toleration))).toEqual(toleration);
    }),
  );
});
