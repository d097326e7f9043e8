import {
  createReadStream,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from 'tar-stream';
import type { Header } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { imageConfig, writeImages, writeLayer } from './archive.ts';
import type { Entry } from './entries.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ambit-archive-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function readTar(file: string): Promise<Map<string, { header: Header; text: string }>> {
  const found = new Map<string, { header: Header; text: string }>();
  for await (const entry of createReadStream(file).pipe(
    extract() as never,
  ) as unknown as AsyncIterable<AsyncIterable<Buffer> & { header: Header }>) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk);
    expect(found.has(entry.header.name)).toBe(false);
    found.set(entry.header.name, { header: entry.header, text: Buffer.concat(chunks).toString() });
  }
  return found;
}

const hostFile = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

describe('a layer', () => {
  test('has the same bytes whatever the order of its entries and the age of its files', async () => {
    const program = hostFile('program', 'x'.repeat(70_000));
    const entries: Entry[] = [
      { path: 'usr/bin/program', from: program, mode: 0o755 },
      { path: 'etc/passwd', text: 'root' },
      { path: 'bin/sh', link: 'busybox' },
    ];
    const first = await writeLayer(entries, join(folder, 'a'));
    utimesSync(program, new Date(1), new Date(1));
    const second = await writeLayer(entries.toReversed(), join(folder, 'b'));
    expect(second.digest).toBe(first.digest);
    expect(readFileSync(second.file)).toEqual(readFileSync(first.file));
  });

  test('changes when a byte of a file does', async () => {
    const program = hostFile('program', 'one');
    const first = await writeLayer([{ path: 'program', from: program }], join(folder, 'a'));
    writeFileSync(program, 'two');
    const second = await writeLayer([{ path: 'program', from: program }], join(folder, 'b'));
    expect(second.digest).not.toBe(first.digest);
  });

  test('holds folders before what is in them, all owned by root, with the modes asked for', async () => {
    const { file } = await writeLayer(
      [
        { path: 'usr/bin/program', text: 'run', mode: 0o755 },
        { path: 'tmp', folder: true, mode: 0o1777 },
        { path: 'bin/sh', link: 'busybox' },
      ],
      folder,
    );
    const found = await readTar(file);
    expect([...found.keys()]).toEqual([
      'bin',
      'bin/sh',
      'tmp',
      'usr',
      'usr/bin',
      'usr/bin/program',
    ]);
    expect(found.get('usr/bin/program')?.header).toMatchObject({ uid: 0, gid: 0, mode: 0o755 });
    expect(found.get('tmp')?.header).toMatchObject({ type: 'directory', mode: 0o1777 });
    expect(found.get('bin/sh')?.header).toMatchObject({ type: 'symlink', linkname: 'busybox' });
  });

  test('takes a path longer than the hundred bytes of the old header', async () => {
    const path = `usr/${'deep/'.repeat(40)}file`;
    const { file } = await writeLayer([{ path, text: 'found' }], folder);
    expect((await readTar(file)).get(path)?.text).toBe('found');
  });
});

describe('an archive of images', () => {
  test('stores a shared layer once and names it in both images', async () => {
    const base: Entry[] = [{ path: 'etc/passwd', text: 'root' }];
    const file = join(folder, 'images.tar');
    const image = (name: string, text: string) => ({
      name,
      layers: [base, [{ path: 'program', text }]],
      entrypoint: ['/program'],
    });
    await writeImages([image('lab/one:1', '1'), image('lab/two:1', '2')], file);
    const found = await readTar(file);
    const manifest = JSON.parse(found.get('manifest.json')?.text ?? '') as {
      Config: string;
      RepoTags: string[];
      Layers: string[];
    }[];
    expect(manifest.map(({ RepoTags }) => RepoTags)).toEqual([['lab/one:1'], ['lab/two:1']]);
    expect(manifest[0]?.Layers[0]).toBe(manifest[1]?.Layers[0]);
    const layers = [...found.keys()].filter((name) => name.endsWith('.tar'));
    expect(layers).toHaveLength(3);
    for (const { Config, Layers } of manifest) {
      expect(found.has(Config)).toBe(true);
      for (const layer of Layers) expect(found.has(layer)).toBe(true);
    }
  });

  test('leaves nothing under its name when a file is missing', async () => {
    const file = join(folder, 'images.tar');
    const image = {
      name: 'lab/one:1',
      layers: [[{ path: 'program', from: join(folder, 'nowhere') }]],
      entrypoint: ['/program'],
    };
    await expect(writeImages([image], file)).rejects.toThrow('ENOENT');
    expect(() => readFileSync(file)).toThrow('ENOENT');
  });

  test('carries entrypoint, user and environment in its configuration', () => {
    const image = { name: 'x', layers: [], entrypoint: ['node', '/app/agent.mjs'], user: '65532' };
    const config = JSON.parse(
      imageConfig({ ...image, environment: { NODE_ENV: 'production' } }, ['ab']),
    ) as {
      config: Record<string, unknown>;
      rootfs: object;
    };
    expect(config.config).toMatchObject({ Entrypoint: ['node', '/app/agent.mjs'], User: '65532' });
    expect(config.config['Env']).toContain('NODE_ENV=production');
    expect(config.rootfs).toEqual({ type: 'layers', diff_ids: ['sha256:ab'] });
  });
});
