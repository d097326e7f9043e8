import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const module = fileURLToPath(new URL('start.ts', import.meta.url));

/** Starts, or tells why not: run with the folder on a small disk that only this child sees. */
const program = `
  import { startEmbeddedPostgres } from ${JSON.stringify(module)};
  try {
    const postgres = await startEmbeddedPostgres({ folder: process.argv[1], temporary: true });
    await postgres.stop();
    console.log('started');
  } catch (error) {
    console.log(error.message, '|', error.fix);
  }
`;

const canMount =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

function onDisk(sizeMb: number, script: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'ambit-full-'));
  try {
    const { stdout, stderr } = spawnSync(
      'unshare',
      ['-m', 'sh', '-c', `mount -t tmpfs -o size=${sizeMb}m tmpfs "$FOLDER" && ${script}`],
      {
        encoding: 'utf8',
        env: {
          ...process.env,
          FOLDER: folder,
          START: `"${process.execPath}" --input-type=module -e "$PROGRAM" "$FOLDER"`,
          PROGRAM: program,
        },
      },
    );
    return `${stdout}${stderr}`.trim().split('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const start = 'eval "$START"';

test.skipIf(!canMount)('too small a disk is told before anything is written', () => {
  const [said] = onDisk(60, start);
  expect(said).toMatch(/has \d+ MB free; Postgres needs 200 MB \| .*AMBIT_HOME/);
});

test.skipIf(!canMount)('a disk that filled up is told, and once there is room all goes on', () => {
  const fill = 'head -c 1G /dev/zero > "$FOLDER/ballast" 2>/dev/null';
  const said = onDisk(300, `${start}; ${fill}; ${start}; rm "$FOLDER/ballast"; ${start}`);
  expect(said[0]).toBe('started');
  expect(said[1]).toMatch(/^the disk under .* is full, so Postgres cannot write \| Make at least/);
  expect(said[2]).toBe('started');
});
