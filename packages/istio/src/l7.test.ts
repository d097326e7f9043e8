import { expect, test } from 'vitest';
import { isL7Authorization, l7Parts } from './l7.ts';

test.each([
  [
    'principals and ports alone',
    {
      rules: [
        { from: [{ source: { principals: ['a'] } }], to: [{ operation: { ports: ['80'] } }] },
      ],
    },
    false,
  ],
  ['a method', { rules: [{ to: [{ operation: { methods: ['GET'] } }] }] }, true],
  ['an empty list of paths', { rules: [{ to: [{ operation: { paths: [] } }] }] }, false],
  ['a token', { rules: [{ from: [{ source: { requestPrincipals: ['*'] } }] }] }, true],
  ['a header', { rules: [{ when: [{ key: 'request.headers[x]' }] }] }, true],
  ['an address behind proxies', { rules: [{ when: [{ key: 'remote.ip' }] }] }, true],
  ['an address of the peer', { rules: [{ when: [{ key: 'source.ip' }] }] }, false],
  ['an external authorizer, whatever its rules', { action: 'CUSTOM', rules: [{}] }, true],
  ['AUDIT', { action: 'AUDIT' }, true],
  ['DENY of everything', { action: 'DENY', rules: [{}] }, false],
])('%s', (_name, policy, is) => {
  expect(isL7Authorization(policy)).toBe(is);
});

test('each part is told with its place', () => {
  expect(
    l7Parts({ rules: [{}, { to: [{}, { operation: { hosts: ['a'], ports: ['1'] } }] }] }),
  ).toEqual([{ path: ['spec', 'rules', 1, 'to', 1, 'operation', 'hosts'], words: 'hosts' }]);
});
