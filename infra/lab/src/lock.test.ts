import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as anywhere } from 'vitest';
import { withLock } from './lock.ts';

const test = anywhere.runIf(process.platform === 'linux');

const lockFile = (): string => join(mkdtempSync(join(tmpdir(), 'ambit-lock-')), 'lock');

test('two holders never work at the same time', async () => {
  const file = lockFile();
  let working = 0;
  const seen: number[] = [];
  const work = () =>
    withLock(file, 'the other one', async () => {
      working += 1;
      seen.push(working);
      await new Promise((resolve) => setImmediate(resolve));
      working -= 1;
    });
  await Promise.all([work(), work(), work()]);
  expect(seen).toEqual([1, 1, 1]);
});

test('work that fails frees the lock and its error comes through', async () => {
  const file = lockFile();
  await expect(
    withLock(file, 'nobody', () => Promise.reject(new Error('the work failed'))),
  ).rejects.toThrow('the work failed');
  expect(await withLock(file, 'nobody', () => Promise.resolve('free'))).toBe('free');
});
