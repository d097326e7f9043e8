import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import type { Header, Pack } from 'tar-stream';
import { orderEntries } from './entries.ts';
import type { Entry } from './entries.ts';

/** One image: layers from the bottom up. Images that share a layer store it once. */
export type Image = {
  /** The full name, with its tag. */
  name: string;
  layers: Entry[][];
  entrypoint: string[];
  user?: string;
  environment?: Record<string, string>;
};

type EntryHeader = Partial<Header> & Pick<Header, 'name'>;

const fixedTime = new Date(0);

type LayerFile = { digest: string; file: string };

const headerOf = (entry: Entry): EntryHeader => {
  const common = { name: entry.path, mtime: fixedTime, uid: 0, gid: 0, uname: '', gname: '' };
  if ('folder' in entry) return { ...common, type: 'directory', mode: entry.mode ?? 0o755 };
  if ('link' in entry) return { ...common, type: 'symlink', linkname: entry.link, mode: 0o777 };
  return { ...common, type: 'file', mode: entry.mode ?? 0o644 };
};

function addText(archive: Pack, header: EntryHeader, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, text, (error) => (error ? reject(error) : resolve()));
  });
}

async function addFile(archive: Pack, header: EntryHeader, file: string): Promise<void> {
  const finished = Promise.withResolvers<void>();
  const sink = archive.entry({ ...header, size: statSync(file).size }, (error) =>
    error ? finished.reject(error) : finished.resolve(),
  );
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    if (!sink.write(chunk)) await once(sink, 'drain');
  }
  sink.end(null);
  await finished.promise;
}

async function addEntry(archive: Pack, entry: Entry): Promise<void> {
  const header = headerOf(entry);
  if ('from' in entry) return addFile(archive, header, entry.from);
  return addText(archive, header, 'text' in entry ? entry.text : '');
}

function writeArchive(
  archive: Pack,
  file: string,
  see?: (chunk: Uint8Array) => void,
): Promise<void> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of archive as AsyncIterable<Uint8Array>) {
      see?.(chunk);
      yield chunk;
    }
  }
  return pipeline(chunks, createWriteStream(file));
}

/** Writes one layer. The same entries with the same contents give the same bytes, whenever and wherever. */
export async function writeLayer(entries: Entry[], folder: string): Promise<LayerFile> {
  mkdirSync(folder, { recursive: true });
  const unfinished = join(folder, `.layer-${process.pid}-${Math.random().toString(36).slice(2)}`);
  const archive = pack();
  const hash = createHash('sha256');
  const written = writeArchive(archive, unfinished, (chunk) => hash.update(chunk));
  for (const entry of orderEntries(entries)) await addEntry(archive, entry);
  archive.finalize();
  await written;
  const digest = hash.digest('hex');
  const file = join(folder, `${digest}.tar`);
  renameSync(unfinished, file);
  return { digest, file };
}

/** The image configuration that a container runtime reads. */
export function imageConfig(image: Image, layerDigests: string[]): string {
  const environment = {
    PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
    ...image.environment,
  };
  return JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    created: fixedTime.toISOString(),
    config: {
      Entrypoint: image.entrypoint,
      Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      User: image.user ?? '',
      WorkingDir: '/',
    },
    rootfs: { type: 'layers', diff_ids: layerDigests.map((digest) => `sha256:${digest}`) },
    history: layerDigests.map(() => ({
      created: fixedTime.toISOString(),
      created_by: 'ambit lab',
    })),
  });
}

/** Writes images into one docker-archive (what `docker save` makes), under its name only when it is whole. */
export async function writeImages(images: Image[], file: string): Promise<void> {
  const folder = dirname(file);
  const layerFolder = join(folder, '.layers');
  const layers = new Map<Entry[], LayerFile>();
  for (const layer of new Set(images.flatMap((image) => image.layers))) {
    layers.set(layer, await writeLayer(layer, layerFolder));
  }
  const archive = pack();
  const unfinished = `${file}.unfinished`;
  const written = writeArchive(archive, unfinished);
  for (const { digest, file: layerFile } of uniqueLayers([...layers.values()])) {
    await addFile(archive, headerOf({ path: `${digest}.tar`, from: layerFile }), layerFile);
  }
  const manifest: { Config: string; RepoTags: string[]; Layers: string[] }[] = [];
  const configs = new Set<string>();
  for (const image of images) {
    const digests = image.layers.map((layer) => layers.get(layer)?.digest ?? '');
    const config = imageConfig(image, digests);
    const name = `${createHash('sha256').update(config).digest('hex')}.json`;
    if (!configs.has(name)) await addText(archive, headerOf({ path: name, text: config }), config);
    configs.add(name);
    manifest.push({
      Config: name,
      RepoTags: [image.name],
      Layers: digests.map((digest) => `${digest}.tar`),
    });
  }
  const manifestText = JSON.stringify(manifest);
  await addText(archive, headerOf({ path: 'manifest.json', text: manifestText }), manifestText);
  archive.finalize();
  await written;
  rmSync(layerFolder, { recursive: true, force: true });
  renameSync(unfinished, file);
}

const uniqueLayers = (layers: LayerFile[]): LayerFile[] => [
  ...new Map(layers.map((layer) => [layer.digest, layer])).values(),
];
