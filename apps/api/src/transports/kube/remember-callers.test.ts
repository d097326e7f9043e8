import type { Caller } from '@ambit/services/kernel/context';
import { expect, test } from 'vitest';
import { rememberCallers } from './remember-callers.ts';

const found = { role: 'viewer' } as Caller;

test('asks again after a second, for another token, and after a failure', async () => {
  let nowMs = 0;
  let asked = 0;
  const recall = rememberCallers(() => nowMs);
  const find = async (): Promise<Caller> => {
    asked++;
    return found;
  };
  await recall('a', find);
  nowMs = 999;
  expect(await recall('a', find)).toBe(found);
  expect(asked).toBe(1);
  nowMs = 1_000;
  await recall('a', find);
  await recall('b', find);
  expect(asked).toBe(3);
  const refusing = () => Promise.reject(new Error('revoked'));
  await expect(recall('c', refusing)).rejects.toThrow('revoked');
  expect(await recall('c', find)).toBe(found);
});
