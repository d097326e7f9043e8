import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyConfiguration } from '../apply/apply.ts';
import { decodeManagers, encodeManagers, type Managers } from '../apply/managers.ts';
import { trackUpdate, type Writer } from '../apply/track.ts';
import { equal } from '../json/value.ts';
import { compile } from '../schema/compile.ts';
import { ApiError } from '../status.ts';
import type { JsonObject } from '../types.ts';
import {
  difference,
  fromFieldsV1,
  intersection,
  isEmpty,
  pathsOf,
  sameSet,
  toFieldsV1,
  union,
} from './set.ts';
import { compare, isSame } from './compare.ts';
import { fieldSetOf } from './field-set.ts';

const schema = compile({
  type: 'object',
  properties: {
    a: { type: 'string' },
    n: { type: 'integer' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    list: { type: 'array', items: { type: 'string' } },
    set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    items: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, v: { type: 'string' }, w: { type: 'string' } },
      },
    },
    whole: {
      type: 'object',
      'x-kubernetes-map-type': 'atomic',
      additionalProperties: { type: 'string' },
    },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
});

const word = fc.constantFrom('x', 'y', 'z');
const unique = <T>(arbitrary: fc.Arbitrary<T>, by: (item: T) => unknown) =>
  fc.uniqueArray(arbitrary, { selector: by, maxLength: 3 });
const item = fc.record({ name: word, v: word, w: word }, { requiredKeys: ['name'] });
const config: fc.Arbitrary<JsonObject> = fc.record(
  {
    a: word,
    n: fc.integer({ min: 0, max: 2 }),
    labels: fc.dictionary(word, word),
    list: fc.array(word, { maxLength: 3 }),
    set: unique(word, (w) => w),
    items: unique(item, (entry) => entry.name),
    whole: fc.dictionary(word, word),
    free: fc.dictionary(word, fc.oneof(word, fc.array(word), fc.dictionary(word, word))),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;

const writer = (name: string): Writer => ({
  name,
  apiVersion: 'v1',
  subresource: '',
  time: '2026-01-01T00:00:00Z',
});
const none = (): Managers => new Map();
const apply = (
  live: JsonObject,
  wanted: JsonObject,
  managers: Managers,
  name = 'one',
  force = false,
) => applyConfiguration(live, structuredClone(wanted), schema, managers, writer(name), force);

/** Objects without what is empty: removing the last field of a map or list removes it too. */
const solid = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(solid);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, solid(inner)] as const);
  return Object.fromEntries(
    entries.filter(
      ([, inner]) => typeof inner !== 'object' || inner === null || Object.keys(inner).length > 0,
    ),
  );
};

describe('field sets', () => {
  const sets = config.map((value) => fieldSetOf(value, schema));

  test('FieldsV1 there and back is the same set', () => {
    fc.assert(
      fc.property(sets, (set) => {
        expect(
          sameSet(fromFieldsV1(JSON.parse(JSON.stringify(toFieldsV1(set))) as JsonObject), set),
        ).toBe(true);
      }),
    );
  });

  test('union, intersection and difference keep the laws of sets', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        expect(sameSet(union(a, b), union(b, a))).toBe(true);
        expect(sameSet(intersection(a, b), intersection(b, a))).toBe(true);
        expect(sameSet(union(difference(a, b), intersection(a, b)), a)).toBe(true);
        expect(isEmpty(intersection(difference(a, b), b))).toBe(true);
        expect(pathsOf(union(a, b)).length).toBe(
          pathsOf(a).length + pathsOf(b).length - pathsOf(intersection(a, b)).length,
        );
      }),
    );
  });

  test('comparing a value with itself finds nothing; with another, finds what makes them unequal', () => {
    fc.assert(
      fc.property(config, config, (a, b) => {
        expect(isSame(compare(a, structuredClone(a), schema))).toBe(true);
        const sorted = (value: JsonObject): JsonObject => ({
          ...value,
          ...(Array.isArray(value.set) ? { set: [...value.set].sort() } : {}),
          ...(Array.isArray(value.items)
            ? {
                items: [...value.items].sort((x, y) =>
                  String((x as JsonObject).name).localeCompare(String((y as JsonObject).name)),
                ),
              }
            : {}),
        });
        expect(isSame(compare(a, b, schema))).toBe(equal(sorted(a), sorted(b)));
      }),
    );
  });
});

describe('server-side apply', () => {
  test('is idempotent', () => {
    fc.assert(
      fc.property(config, config, (live, wanted) => {
        const first = apply(live, wanted, none());
        const second = apply(first.object, wanted, first.managers);
        expect(second.object).toEqual(first.object);
        expect(encodeManagers(second.managers)).toEqual(encodeManagers(first.managers));
      }),
    );
  });

  test('holds what was applied', () => {
    fc.assert(
      fc.property(config, config, (before, wanted) => {
        const { object } = apply(apply({}, before, none()).object, wanted, none(), 'two', true);
        for (const [key, value] of Object.entries(wanted)) {
          if (key === 'list' || key === 'whole' || key === 'a' || key === 'n')
            expect(object[key]).toEqual(value);
        }
        for (const entry of (wanted.items ?? []) as JsonObject[]) {
          expect(
            (object.items as JsonObject[]).find((other) => other.name === entry.name),
          ).toMatchObject(entry);
        }
      }),
    );
  });

  test('applied and then applied empty leaves the object as it was', () => {
    fc.assert(
      fc.property(config, config, (base, extra) => {
        const ground = apply({}, base, none(), 'ground');
        let added: ReturnType<typeof apply>;
        try {
          added = apply(ground.object, extra, ground.managers, 'guest');
        } catch (error) {
          if (error instanceof ApiError) return;
          throw error;
        }
        const back = apply(added.object, {}, added.managers, 'guest');
        expect(solid(back.object)).toEqual(solid(ground.object));
        expect(encodeManagers(back.managers)).toEqual(encodeManagers(ground.managers));
      }),
    );
  });

  test('two managers of different fields commute', () => {
    fc.assert(
      fc.property(
        config,
        fc.subarray(['a', 'n', 'labels', 'list', 'set', 'items', 'whole', 'free']),
        (all, mine) => {
          const pick = (wanted: (key: string) => boolean): JsonObject =>
            Object.fromEntries(Object.entries(all).filter(([key]) => wanted(key)));
          const left = pick((key) => mine.includes(key));
          const right = pick((key) => !mine.includes(key));
          const one = apply({}, left, none(), 'one');
          const both = apply(one.object, right, one.managers, 'two');
          const two = apply({}, right, none(), 'two');
          const swapped = apply(two.object, left, two.managers, 'one');
          expect(equal(both.object, swapped.object)).toBe(true);
          expect(encodeManagers(both.managers)).toEqual(encodeManagers(swapped.managers));
        },
      ),
    );
  });

  test('after a forced apply nobody else owns what changed', () => {
    fc.assert(
      fc.property(config, config, (left, right) => {
        const one = apply({}, left, none(), 'one');
        const two = apply(one.object, right, one.managers, 'two', true);
        const again = apply(two.object, right, two.managers, 'two');
        expect(again.object).toEqual(two.object);
      }),
    );
  });

  test('a conflict names manager and field; the same value is shared instead', () => {
    const one = apply({}, { a: 'x', items: [{ name: 'x', v: 'x' }] }, none(), 'one');
    const shared = apply(one.object, { a: 'x' }, one.managers, 'two');
    expect(encodeManagers(shared.managers)).toHaveLength(2);
    try {
      apply(one.object, { a: 'y', items: [{ name: 'x', v: 'y' }] }, one.managers, 'two');
      expect.unreachable();
    } catch (error) {
      expect((error as ApiError).status).toMatchObject({
        code: 409,
        details: {
          causes: [
            { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.a' },
            { field: '.items[name="x"].v' },
          ],
        },
      });
    }
  });

  test('a field that two own stays when one lets go, and goes with the second', () => {
    const one = apply({}, { items: [{ name: 'x', v: '1' }] }, none(), 'one');
    const two = apply(one.object, { items: [{ name: 'x', w: '2' }] }, one.managers, 'two');
    const left = apply(two.object, {}, two.managers, 'one');
    expect(left.object).toEqual({ items: [{ name: 'x', w: '2' }] });
    expect(apply(left.object, {}, left.managers, 'two').object).toEqual({});
  });

  test('items keep the order of the applied list; others keep their place', () => {
    const live = { items: ['a', 'b', 'c', 'd'].map((name) => ({ name })) };
    const { object } = apply(live, { items: ['d', 'x', 'b'].map((name) => ({ name })) }, none());
    expect((object.items as JsonObject[]).map((entry) => entry.name)).toEqual([
      'a',
      'c',
      'd',
      'x',
      'b',
    ]);
  });
});

describe('ownership by updates', () => {
  test('the updater owns exactly what it changed, and others lose it', () => {
    fc.assert(
      fc.property(config, config, (before, after) => {
        const one = apply({}, before, none(), 'one');
        const managers = trackUpdate(one.object, after, schema, one.managers, writer('two'));
        const changes = compare(one.object, after, schema);
        const entries = [...managers.values()];
        const owned = (name: string) =>
          entries.find((entry) => entry.name === name)?.fields ?? fieldSetOf({}, schema);
        const changed = union(changes.added, changes.modified);
        expect(isEmpty(intersection(owned('one'), union(changed, changes.removed)))).toBe(true);
        expect(sameSet(intersection(owned('two'), changed), changed)).toBe(true);
      }),
    );
  });

  test('entries survive their encoding', () => {
    fc.assert(
      fc.property(config, (wanted) => {
        const { managers } = apply({}, wanted, none());
        const encoded = encodeManagers(managers);
        expect(encodeManagers(decodeManagers(encoded)!)).toEqual(encoded);
      }),
    );
  });

  test('more than ten updaters melt into ancient-changes', () => {
    let managers = none();
    let live: JsonObject = {};
    for (let i = 0; i < 14; i++) {
      const next = { ...live, labels: { ...(live.labels as JsonObject), [`k${i}`]: 'v' } };
      managers = trackUpdate(live, next, schema, managers, {
        ...writer(`m${i}`),
        time: `2026-01-01T00:00:${10 + i}Z`,
      });
      live = next;
    }
    expect(managers.size).toBe(10);
    expect([...managers.values()].some((manager) => manager.name === 'ancient-changes')).toBe(true);
  });
});
