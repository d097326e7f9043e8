import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cgroupMounts } from './cgroups.ts';
import { childOf, formatPid, livingPid, processStat, processesWith } from './processes.ts';
import { mountsBelow } from './remove.ts';

const mountInfo = [
  '25 1 0:22 / /sys/fs/cgroup rw - tmpfs tmpfs rw',
  '26 25 0:23 / /sys/fs/cgroup/cpu rw shared:3 - cgroup cgroup rw,cpu',
  '27 25 0:24 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
  '30 1 8:1 / /cache/state/one rw - ext4 /dev/sda rw',
  '31 30 8:1 / /cache/state/one/deep\\040er rw - ext4 /dev/sda rw',
  '32 1 8:1 / /cache/state/one-more rw - ext4 /dev/sda rw',
].join('\n');

test('cgroup hierarchies are found among other mounts', () => {
  expect(cgroupMounts(mountInfo)).toEqual([
    { folder: '/sys/fs/cgroup/cpu', version: 1 },
    { folder: '/sys/fs/cgroup/unified', version: 2 },
  ]);
});

test("a lab's mounts come innermost first, without those of a lab with a longer name", () => {
  expect(mountsBelow('/cache/state/one', mountInfo)).toEqual([
    '/cache/state/one/deep er',
    '/cache/state/one',
  ]);
});

describe.runIf(process.platform === 'linux')('processes', () => {
  test('are found by a variable of their environment, and by their parent', async () => {
    const marker = `AMBIT_TEST_MARKER=${process.pid}-${Math.random()}`;
    const [name = '', value = ''] = marker.split('=');
    const child = spawn('cat', {
      env: { ...process.env, [name]: value },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    child.stdin.write('ready');
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(processesWith(marker)).toEqual([child.pid]);
    expect(processStat(child.pid ?? 0)?.parent).toBe(process.pid);
    expect(childOf(child.pid ?? 0)).toBeUndefined();
    child.stdin.end();
    await ended;
    expect(processesWith(marker)).toEqual([]);
  });

  test('are not taken for alive when their number belongs to another one now', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ambit-pid-'));
    const file = join(folder, 'pid');
    writeFileSync(file, formatPid(process.pid));
    expect(livingPid(file)).toBe(process.pid);
    writeFileSync(file, `${process.pid} 1\n`);
    expect(livingPid(file)).toBeUndefined();
    expect(livingPid(join(folder, 'none'))).toBeUndefined();
  });
});
