import { describe, expect, test } from 'vitest';
import { describeLimits, limitsAllow, namespacesFor, type Limit } from './limits.ts';

const shop: Limit = { meshId: 'a', namespaces: ['shop', 'web'] };
const reads: Limit = { meshId: 'a', verbs: ['get', 'list', 'watch'] };
const act = (namespace: string, verb = 'create', meshId = 'a') => ({ meshId, namespace, verb });

describe('an act is allowed', () => {
  test.each([
    ['without limits', undefined, act('anywhere'), true],
    ['in a namespace of a limit', [shop], act('web'), true],
    ['in another namespace', [shop], act('dev'), false],
    ['over all namespaces', [shop], act(''), false],
    ['in another mesh', [shop], act('shop', 'get', 'b'), false],
    ['with a verb of a limit', [reads], act('dev', 'get'), true],
    ['with another verb', [reads], act('dev', 'patch'), false],
    ['by any of several limits', [shop, reads], act('dev', 'watch'), true],
    ['never by none', [], act('shop'), false],
  ])('%s', (_what, limits, asked, expected) => {
    expect(limitsAllow(limits, asked)).toBe(expected);
  });
});

test('the namespaces in which a verb is allowed', () => {
  expect(namespacesFor(undefined, 'a', 'list')).toBeUndefined();
  expect(namespacesFor([shop], 'a', 'list')).toEqual(['shop', 'web']);
  expect(namespacesFor([shop, reads], 'a', 'list')).toBeUndefined();
  expect(namespacesFor([shop, reads], 'a', 'create')).toEqual(['shop', 'web']);
  expect(namespacesFor([shop], 'b', 'list')).toEqual([]);
});

test('limits in words', () => {
  expect(describeLimits([shop, reads], () => 'prod')).toBe(
    'namespaces shop, web of mesh prod; get, list, watch in all namespaces of mesh prod',
  );
  expect(describeLimits([{ namespaces: ['shop'] }])).toBe('namespace shop of every mesh');
});
