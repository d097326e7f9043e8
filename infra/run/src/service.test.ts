import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '@ambit/db/embedded/processes';
import { afterAll, expect, test, vi } from 'vitest';
import { backoffMs, startService } from './service.ts';

const folder = mkdtempSync(join(tmpdir(), 'ambit-service-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  [1, 500],
  [2, 1_000],
  [5, 8_000],
  [7, 30_000],
  [40, 30_000],
])('after %d short lives it waits %d ms', (n, ms) => {
  expect(backoffMs(n)).toBe(ms);
});

test('a program that ends is started again, until it is asked to stop', async () => {
  const service = startService(
    { name: 'short', args: ['-e', 'console.log("lived")'], env: {} },
    folder,
    () => {},
  );
  await vi.waitFor(() => expect(service.crashes()).toBe(2), { timeout: 20_000 });
  await service.stop(1_000);
  expect(readFileSync(service.logFile, 'utf8')).toBe('lived\nlived\n');
  expect(service.running()).toBeUndefined();
});

test('a program that ignores the signal is ended after its grace, with its helpers', async () => {
  const helper = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }).pid`;
  const service = startService(
    {
      name: 'stubborn',
      args: [
        '-e',
        `process.on('SIGTERM', () => {}); console.log(${helper}); setInterval(() => {}, 1000)`,
      ],
      env: {},
    },
    folder,
    () => {},
  );
  const helperPid = await vi.waitFor(
    () => {
      const pid = Number(readFileSync(service.logFile, 'utf8'));
      expect(pid).toBeGreaterThan(1);
      return pid;
    },
    { timeout: 20_000 },
  );
  const { pid } = service.running()!;
  await service.stop(100);
  expect(isAlive(pid)).toBe(false);
  await vi.waitFor(() => expect(isAlive(helperPid)).toBe(false), 20_000);
});
