import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, chmod, constants, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Release } from '@ambit/contracts/release';
import { AmbitError } from '../kernel/errors.ts';
import { fetchFile } from './fetch-file.ts';
import { tarEntry } from './tar-entry.ts';

export type Say = (text: string) => void;

const run = promisify(execFile);

/**
 * Path of the istioctl of exactly a release: the one its source names, or a download kept under `cacheFolder`.
 * @throws AmbitError unavailable with what to do
 */
export async function istioctlOf(release: Release, cacheFolder: string, say: Say): Promise<string> {
  if ('istioctl' in release.source) {
    const path = release.source.istioctl;
    if (await isExecutable(path)) return path;
    throw new AmbitError(
      'unavailable',
      `no executable istioctl for ${release.version} at ${path}`,
      {
        fix: 'put it there, or correct source.istioctl of the release in the catalogue (AMBIT_RELEASES)',
      },
    );
  }
  if ('sandbox' in release.source) {
    throw new AmbitError('unprocessable', `${release.version} is simulated and has no istioctl`);
  }
  const path = join(cacheFolder, 'istioctl', release.version, 'istioctl');
  if (await isExecutable(path)) return path;
  const url = release.source.url
    .replaceAll('{os}', platform() === 'darwin' ? 'osx' : platform())
    .replaceAll('{arch}', arch() === 'x64' ? 'amd64' : arch());
  say(`Downloading istioctl ${release.version} from ${url}`);
  const archive = `${path}.${randomUUID()}.tar.gz`;
  try {
    await fetchFile({
      url,
      sha256: release.source.sha256,
      path: archive,
      onProgress: (_bytes, percent) => say(`istioctl ${release.version}: ${percent} %`),
    });
    const binary = tarEntry(await promisify(gunzip)(await readFile(archive)), 'istioctl');
    if (!binary) {
      throw new AmbitError('unprocessable', `${url} holds no file named istioctl`, {
        fix: 'correct source.url of the release in the catalogue',
      });
    }
    await install(binary, path, release.version);
  } finally {
    await rm(archive, { force: true });
  }
  return path;
}

/** Puts a verified binary in its place in one step, so that no one ever runs half of it. */
async function install(binary: Buffer, path: string, version: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(part, binary);
    await chmod(part, 0o755);
    const { stdout } = await run(part, ['version', '--remote=false'], { timeout: 20_000 });
    if (!stdout.includes(version)) {
      throw new AmbitError(
        'unprocessable',
        `the downloaded istioctl is ${stdout.trim()}, not ${version}`,
      );
    }
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
