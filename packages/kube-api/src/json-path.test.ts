import { expect, test } from 'vitest';
import { readPath } from './json-path.ts';

const value = {
  spec: { hosts: ['a', 'b'], 'a.b': 1 },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Other', status: 'False' },
    ],
  },
};

test.each([
  ['.spec.hosts', [['a', 'b']]],
  ['.spec.hosts[1]', ['b']],
  ['.spec.hosts[-1]', ['b']],
  ['.spec.hosts[*]', ['a', 'b']],
  ['.spec.a\\.b', [1]],
  [".spec['a.b']", [1]],
  ['{.spec.hosts[0]}', ['a']],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  [".status.conditions[?(@.type != 'Ready')].status", ['False']],
  ['.nothing.here', []],
  ['.constructor', []],
  ['.spec[[', []],
])('%s', (path, found) => {
  expect(readPath(value, path)).toEqual(found);
});
