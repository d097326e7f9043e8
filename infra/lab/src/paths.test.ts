import { describe, expect, test } from 'vitest';
import { LabError } from './lab-error.ts';
import { cachePaths, labName, labPaths } from './paths.ts';

describe('the cache', () => {
  test('is under AMBIT_CACHE, else XDG_CACHE_HOME, else ~/.cache', () => {
    const all = { AMBIT_CACHE: '/a', XDG_CACHE_HOME: '/x', HOME: '/h' };
    expect(cachePaths(all).root).toBe('/a/ambit/lab');
    expect(cachePaths({ ...all, AMBIT_CACHE: '' }).root).toBe('/x/ambit/lab');
    expect(cachePaths({ HOME: '/h' }).root).toBe('/h/.cache/ambit/lab');
  });

  test('is refused as a relative path', () => {
    expect(() => cachePaths({ AMBIT_CACHE: 'cache' })).toThrow(LabError);
  });
});

describe("a lab's name", () => {
  test('is "default" unless AMBIT_LAB says otherwise', () => {
    expect(labName({})).toBe('default');
    expect(labName({ AMBIT_LAB: 'ci-7' })).toBe('ci-7');
  });

  test.each(['Upper', 'a b', '-a', 'a-', '../x', 'a'.repeat(25), 'ä'])(
    'is refused as %j',
    (name) => {
      expect(() => labName({ AMBIT_LAB: name })).toThrow('cannot be the name of a lab');
    },
  );
});

describe('the paths of a lab', () => {
  const first = labPaths(cachePaths({ AMBIT_CACHE: '/a' }), 'one');

  test('share nothing with those of another lab', () => {
    const second = labPaths(cachePaths({ AMBIT_CACHE: '/a' }), 'two');
    for (const key of Object.keys(first) as (keyof typeof first)[]) {
      expect(second[key]).not.toBe(first[key]);
    }
  });

  test('give labs of one name in two caches different cgroups', () => {
    const other = labPaths(cachePaths({ AMBIT_CACHE: '/b' }), 'one');
    expect(other.cgroup).not.toBe(first.cgroup);
    expect(first.cgroup).toMatch(/^ambit-lab-one-[0-9a-f]{6}$/);
  });
});
