import type { Release } from '@ambit/contracts/release';
import type { Profile } from '@ambit/istio/values';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBinaries } from '../build/build.ts';
import { ztunnelBinary } from '../images/ztunnel-binary.ts';
import { LabError } from '../lab-error.ts';
import type { CachePaths } from '../paths.ts';
import { labReleases } from './catalogue.ts';
import { operatorOf, parseProfile, renderRelease } from './render.ts';

async function releases(cache: CachePaths): Promise<Release[]> {
  await ensureBinaries(cache);
  return labReleases(cache.bin, ztunnelBinary() !== undefined);
}

/** Writes the catalogue that the platform reads (AMBIT_RELEASES) and gives its path. */
export async function writeReleases(cache: CachePaths): Promise<string> {
  const catalogue = await releases(cache);
  const folder = join(cache.root, 'releases');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, ztunnelBinary() ? 'with-ztunnel.json' : 'with-stand-in.json');
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(catalogue, null, 2)}\n`);
  renameSync(unfinished, file);
  return file;
}

async function selected(cache: CachePaths, args: string[]): Promise<[Release, Profile]> {
  const catalogue = await releases(cache);
  const [version = '', profile = ''] = args;
  const release = catalogue.find((one) => one.version === version);
  if (release) return [release, parseProfile(profile)];
  const versions = catalogue.map((one) => one.version).join(', ');
  throw new LabError(`There is no release "${version}". There are: ${versions}.`);
}

/** The IstioOperator of a release and profile, for `istioctl install -f -`. */
export async function printOperator(cache: CachePaths, args: string[]): Promise<string> {
  return operatorOf(...(await selected(cache, args)));
}

/** The rendered objects of a release and profile, for `kubectl apply --server-side -f -`. */
export async function printManifest(cache: CachePaths, args: string[]): Promise<string> {
  return renderRelease(...(await selected(cache, args)));
}
