import { describe, expect, test } from 'vitest';
import { made } from '../testing/world.ts';
import { createCache, type Change } from './cache.ts';
import { backoffMs, createQueue } from './queue.ts';

describe('queue', () => {
  test('works a key once, however often it was added meanwhile', async () => {
    const seen: string[] = [];
    const queue = createQueue({
      work: async (key) => {
        seen.push(key);
        return undefined;
      },
    });
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    await queue.idle();
    expect(seen).toEqual(['a', 'b']);
    queue.close();
  });

  test('works a key again that was added while it was worked on', async () => {
    let times = 0;
    const queue = createQueue({
      work: async (key) => {
        if (++times === 1) queue.add(key);
        return undefined;
      },
    });
    queue.add('a');
    await queue.idle();
    expect(times).toBe(2);
    queue.close();
  });

  test('tries again after a failure, and after the time a key asked for', async () => {
    const seen: string[] = [];
    const done = Promise.withResolvers<void>();
    const queue = createQueue({
      firstBackoffMs: 5,
      work: async (key) => {
        seen.push(key);
        if (key === 'fails' && seen.length === 1) throw new Error('no');
        if (key === 'later' && seen.filter((one) => one === 'later').length === 2) done.resolve();
        return key === 'later' ? 5 : undefined;
      },
    });
    queue.add('fails');
    queue.add('later');
    await done.promise;
    expect(seen.filter((key) => key === 'fails')).toHaveLength(2);
    queue.close();
  });

  test.each([
    [1, 50],
    [2, 100],
    [5, 800],
    [99, 30_000],
  ])('backs off after %s failures for %s ms', (failures, ms) => {
    expect(backoffMs(failures, 50, 30_000)).toBe(ms);
  });
});

describe('cache', () => {
  const pod = (resourceVersion: string, uid = 'u') =>
    made('pods', { metadata: { name: 'p', uid, resourceVersion }, spec: {} });
  const opened = () => {
    const changes: Change[] = [];
    return { changes, cache: createCache((change) => void changes.push(change)) };
  };

  test('leaves out what is older than what it knows', () => {
    const { cache, changes } = opened();
    cache.put('pods', pod('5'));
    cache.put('pods', pod('4'));
    cache.put('pods', pod('5'));
    expect(changes).toHaveLength(1);
    expect(cache.get('pods', 'shop', 'p')?.metadata.resourceVersion).toBe('5');
  });

  test('a late event does not bring a deleted object back, and another of its name lives', () => {
    const { cache } = opened();
    cache.put('pods', pod('5'));
    cache.remove('pods', pod('6'));
    cache.put('pods', pod('7'));
    expect(cache.list('pods')).toEqual([]);
    cache.put('pods', pod('8', 'another'));
    cache.remove('pods', pod('6'));
    expect(cache.list('pods')).toHaveLength(1);
  });

  test('a new list takes away what is not in it', () => {
    const { cache, changes } = opened();
    cache.put('pods', pod('5'));
    cache.replace('pods', []);
    expect(changes.map(({ gone }) => gone)).toEqual([false, true]);
  });
});
