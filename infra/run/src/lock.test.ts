import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { birthOf } from '@ambit/db/embedded/processes';
import { takeLock } from './lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'ambit-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const newFile = () => join(folder, `${count++}.lock`);
const since = '2026-11-02T10:15:00.000Z';

test('a free lock is taken, and free again when released', () => {
  const file = newFile();
  const first = takeLock(file, 'http://here');
  expect(first).toMatchObject({ taken: true, stale: undefined });
  if (first.taken) first.release();
  expect(takeLock(file)).toMatchObject({ taken: true, stale: undefined });
});

test('a lock of a living process is not taken; its holder is told', () => {
  const file = newFile();
  takeLock(file, 'http://here');
  expect(takeLock(file)).toMatchObject({
    taken: false,
    holder: { pid: process.pid, url: 'http://here' },
  });
});

test('a lock whose process is gone is taken, and told as stale', async () => {
  const gone = spawn('true');
  const pid = gone.pid!;
  await new Promise((done) => gone.once('exit', done));
  const file = newFile();
  writeFileSync(file, JSON.stringify({ pid, birth: '1', since, url: '' }));
  expect(takeLock(file)).toMatchObject({ taken: true, stale: { pid } });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid });
});

test('a lock whose process id belongs to a later program is stale', () => {
  const file = newFile();
  const birth = `${birthOf(process.pid)}0`;
  writeFileSync(file, JSON.stringify({ pid: process.pid, birth, since, url: '' }));
  expect(takeLock(file)).toMatchObject({ taken: true, stale: { pid: process.pid } });
});

test('a lock cut short while it was written does not stop anyone', () => {
  const file = newFile();
  writeFileSync(file, '{"pid":');
  expect(takeLock(file)).toMatchObject({ taken: true });
});

test('releasing leaves a lock that another process holds by now', () => {
  const file = newFile();
  const mine = takeLock(file);
  const other = JSON.stringify({ pid: 1, birth: birthOf(1), since, url: '' });
  writeFileSync(file, other);
  if (mine.taken) mine.release();
  expect(readFileSync(file, 'utf8')).toBe(other);
});
