import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../schema/compile.ts';
import { podTemplate } from '../kinds/native/pod.ts';
import type { JsonObject, JsonValue } from '../types.ts';
import { jsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';
import { strategicMerge } from './strategic.ts';

/** Whatever a body may hold: one with the key `__proto__` is refused where it is read. */
const values = fc
  .jsonValue({ maxDepth: 3 })
  .filter((value) => !JSON.stringify(value).includes('"__proto__":')) as fc.Arbitrary<JsonValue>;
const withoutNulls = (value: JsonValue): JsonValue => {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, withoutNulls(inner!)]),
  );
};
const objects = fc
  .dictionary(fc.constantFrom('a', 'b', 'c'), values)
  .map(withoutNulls) as fc.Arbitrary<JsonObject>;

describe('merge patch', () => {
  test('applying it twice is applying it once', () => {
    fc.assert(
      fc.property(values, values, (target, patch) => {
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
      }),
    );
  });
  test('an object as patch of nothing is the object', () => {
    fc.assert(
      fc.property(objects, (value) => {
        expect(mergePatch({}, value)).toEqual(value);
      }),
    );
  });
  test('does not touch the target', () => {
    fc.assert(
      fc.property(objects, values, (target, patch) => {
        const before = structuredClone(target);
        mergePatch(target, patch);
        expect(target).toEqual(before);
      }),
    );
  });
});

describe('JSON patch', () => {
  test('add, test, copy, move, replace and remove in one patch', () => {
    const patched = jsonPatch({ a: { b: [1, 2] } }, [
      { op: 'test', path: '/a/b/0', value: 1 },
      { op: 'add', path: '/a/b/-', value: 3 },
      { op: 'copy', from: '/a/b/2', path: '/c' },
      { op: 'move', from: '/a/b', path: '/d' },
      { op: 'replace', path: '/d/0', value: 9 },
      { op: 'remove', path: '/a' },
      { op: 'add', path: '/e~1f', value: 'x' },
    ]);
    expect(patched).toEqual({ c: 3, d: [9, 2, 3], 'e/f': 'x' });
  });
  test('replacing the whole by a value is that value', () => {
    fc.assert(
      fc.property(values, values, (target, value) => {
        expect(jsonPatch(target, [{ op: 'replace', path: '', value }])).toEqual(value);
      }),
    );
  });
  test('does not touch the target, even when it fails', () => {
    const target = { a: [1] };
    expect(() =>
      jsonPatch(target, [
        { op: 'add', path: '/a/0', value: 2 },
        { op: 'remove', path: '/x' },
      ]),
    ).toThrow(/rejected/);
    expect(target).toEqual({ a: [1] });
  });
});

describe('strategic merge patch', () => {
  const node = compile(podTemplate);
  const pod = (...containers: JsonObject[]) => ({ spec: { containers } });
  const merge = (target: JsonObject, patch: JsonObject) => strategicMerge(target, patch, node);

  test('merges containers by name and env by name; new ones stand before untouched ones', () => {
    const target = pod(
      { name: 'a', image: '1', env: [{ name: 'X', value: '1' }] },
      { name: 'b', image: '1' },
    );
    const patch = pod({ name: 'a', env: [{ name: 'Y', value: '2' }] }, { name: 'c', image: '3' });
    expect(merge(target, patch)).toEqual(
      pod(
        {
          name: 'a',
          image: '1',
          env: [
            { name: 'Y', value: '2' },
            { name: 'X', value: '1' },
          ],
        },
        { name: 'c', image: '3' },
        { name: 'b', image: '1' },
      ),
    );
  });
  test('replaces lists without a merge key', () => {
    const patched = merge(pod({ name: 'a', args: ['1', '2'] }), pod({ name: 'a', args: ['3'] }));
    expect(patched).toEqual(pod({ name: 'a', args: ['3'] }));
  });
  test('$patch: delete removes an item, $patch: replace a whole', () => {
    const target = pod({ name: 'a', image: '1' }, { name: 'b', image: '1' });
    expect(merge(target, pod({ name: 'a', $patch: 'delete' }))).toEqual(
      pod({ name: 'b', image: '1' }),
    );
    expect(merge(target, { spec: { $patch: 'replace', nodeName: 'n' } })).toEqual({
      spec: { nodeName: 'n' },
    });
    expect(merge(target, pod({ $patch: 'replace' }, { name: 'z' }))).toEqual(pod({ name: 'z' }));
  });
  test('null removes a field', () => {
    expect(merge(pod({ name: 'a', image: '1' }), pod({ name: 'a', image: null }))).toEqual(
      pod({ name: 'a' }),
    );
  });
  test('$setElementOrder orders, $retainKeys keeps, $deleteFromPrimitiveList removes', () => {
    const ordered = merge(pod({ name: 'a' }, { name: 'b' }), {
      spec: {
        '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }],
        containers: [{ name: 'a', image: 'i' }],
      },
    });
    expect(ordered).toEqual(pod({ name: 'b' }, { name: 'a', image: 'i' }));
    expect(
      merge(
        { spec: { nodeName: 'n', hostname: 'h' } },
        { spec: { $retainKeys: ['hostname'], hostname: 'x' } },
      ),
    ).toEqual({ spec: { hostname: 'x' } });
    const finalizers = { metadata: { finalizers: ['a', 'b'] } };
    expect(
      merge(finalizers, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } }),
    ).toEqual({ metadata: { finalizers: ['b'] } });
  });
  test('applying it twice is applying it once', () => {
    const container = fc.record(
      { name: fc.constantFrom('a', 'b'), image: fc.constantFrom('1', '2') },
      { requiredKeys: ['name'] },
    );
    const pods = fc
      .uniqueArray(container, { selector: (entry) => entry.name })
      .map((entries) => pod(...(entries as JsonObject[])));
    fc.assert(
      fc.property(pods, pods, (target, patch) => {
        const once = merge(target, patch);
        expect(merge(once, patch)).toEqual(once);
      }),
    );
  });
});
