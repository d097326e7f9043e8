import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { yamlText } from './yaml-text.ts';

const special = fc.constantFrom(
  'yes',
  'No',
  'null',
  '~',
  '1e3',
  '0x1F',
  '012',
  '.5',
  '1h30m',
  '- a',
  'a: b',
);
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  special,
  fc.constant('two\nlines'),
);
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
})).value;

test('what it writes is read as the same data, by YAML 1.2 and 1.1', () => {
  fc.assert(
    fc.property(fc.dictionary(text, value, { minKeys: 1, maxKeys: 5 }), (map) => {
      const expected: unknown = JSON.parse(JSON.stringify(map));
      const written = yamlText(map);
      expect(parse(written)).toEqual(expected);
      expect(parse(written, { version: '1.1' })).toEqual(expected);
    }),
  );
});

test('policies look as people write them', () => {
  const policy = {
    kind: 'VirtualService',
    metadata: { name: 'a', namespace: undefined },
    spec: { hosts: ['a.b', '*'], http: [{ timeout: '5s', route: [{ weight: 1 }] }], gateways: [] },
  };
  expect(yamlText(policy)).toBe(`kind: VirtualService
metadata:
  name: a
spec:
  hosts:
    - a.b
    - "*"
  http:
    - timeout: 5s
      route:
        - weight: 1
  gateways: []
`);
});
