import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { binary } from '../build/build.ts';
import { caller, ztunnelStandIn } from '../build/components.ts';
import { withLock } from '../lock.ts';
import type { CachePaths } from '../paths.ts';
import { step } from '../say.ts';
import {
  coreDnsVersion,
  envoyVersion,
  imageHub,
  imageRecipe,
  istioModuleVersion,
  istioStamps,
} from '../versions.ts';
import { writeImages } from './archive.ts';
import { pauseImage, unpackImages } from './containerd.ts';
import type { Image } from './archive.ts';
import {
  baseEntries,
  bootstrapWithoutMetadataDiscovery,
  entryFingerprint,
  iptablesEntries,
  libraryEntries,
  programEntry,
} from './entries.ts';
import { ztunnelBinary } from './ztunnel-binary.ts';

const keptImageSets = 3;

export const coreDnsImage = `${imageHub}/coredns:${coreDnsVersion}`;
export const appImage = `${imageHub}/app:1`;

/** All images of a lab. Layers that images share are the same object here and one file in the archive. */
export async function labImages(cache: CachePaths, ztunnel = ztunnelBinary()): Promise<Image[]> {
  const tool = (file: string): string =>
    binary(cache, { name: 'istio-tools', version: istioModuleVersion }, file);
  const envoy = binary(cache, { name: 'envoy', version: envoyVersion }, 'envoy');
  const coreDns = binary(cache, { name: 'coredns', version: coreDnsVersion }, 'coredns');
  const pause = binary(cache, { name: 'pause', version: '1' }, 'pause');
  const bootstrap = { name: 'istio-bootstrap', version: istioModuleVersion };
  const template = readFileSync(binary(cache, bootstrap, 'envoy_bootstrap.json'), 'utf8');

  const base = baseEntries();
  const iptables = await iptablesEntries();
  const envoyLayer = [
    programEntry(envoy, 'usr/local/bin/envoy'),
    ...(await libraryEntries([envoy])),
    { path: 'etc/istio/proxy', folder: true, mode: 0o777 } as const,
    {
      path: 'var/lib/istio/envoy/envoy_bootstrap_tmpl.json',
      text: bootstrapWithoutMetadataDiscovery(template),
    },
  ];
  const cniPlugin = [programEntry(tool('istio-cni'), 'opt/cni/bin/istio-cni')];

  const images: Image[] = [
    { name: pauseImage, layers: [[programEntry(pause, 'pause')]], entrypoint: ['/pause'] },
    {
      name: coreDnsImage,
      layers: [base, [programEntry(coreDns, 'usr/local/bin/coredns')]],
      entrypoint: ['/usr/local/bin/coredns'],
    },
    {
      name: appImage,
      layers: [
        base,
        [
          programEntry(tool('server'), 'usr/local/bin/server'),
          programEntry(tool('client'), 'usr/local/bin/client'),
          programEntry(binary(cache, caller, caller.name), 'usr/local/bin/caller'),
          ...(await libraryEntries([
            tool('server'),
            tool('client'),
            binary(cache, caller, caller.name),
          ])),
        ],
      ],
      entrypoint: ['/usr/local/bin/server'],
    },
  ];
  for (const stamp of istioStamps) {
    const program = async (file: string): Promise<Image['layers'][number]> => {
      const from = binary(cache, { name: 'istio', version: stamp }, file);
      return [programEntry(from, `usr/local/bin/${file}`), ...(await libraryEntries([from]))];
    };
    images.push(
      {
        name: `${imageHub}/pilot:${stamp}`,
        layers: [base, await program('pilot-discovery')],
        entrypoint: ['/usr/local/bin/pilot-discovery'],
        user: '1337',
      },
      {
        name: `${imageHub}/proxyv2:${stamp}`,
        layers: [base, iptables, envoyLayer, await program('pilot-agent')],
        entrypoint: ['/usr/local/bin/pilot-agent'],
      },
      {
        name: `${imageHub}/install-cni:${stamp}`,
        layers: [base, iptables, cniPlugin, await program('install-cni')],
        entrypoint: ['/usr/local/bin/install-cni'],
      },
    );
  }
  const { name, file } = ztunnel
    ? { name: 'ztunnel', file: ztunnel }
    : { name: ztunnelStandIn.name, file: binary(cache, ztunnelStandIn, ztunnelStandIn.name) };
  const ztunnelLayer = [
    programEntry(file, `usr/local/bin/${name}`),
    ...(await libraryEntries([file])),
  ];
  for (const stamp of istioStamps) {
    images.push({
      name: `${imageHub}/${name}:${stamp}`,
      layers: [base, ztunnelLayer],
      entrypoint: [`/usr/local/bin/${name}`],
    });
  }
  return images;
}

/** The folder name of a set of images: it changes when a name, a setting or a file in them does. */
export function imageKey(images: Image[]): string {
  const hash = createHash('sha256').update(String(imageRecipe));
  for (const { layers, ...settings } of images) {
    hash.update(JSON.stringify(settings));
    for (const entry of layers.flat()) hash.update(entryFingerprint(entry));
  }
  return hash.digest('hex').slice(0, 16);
}

/** The containerd folder that holds a lab's images, made when it is not in the cache. */
export async function ensureImages(cache: CachePaths): Promise<string> {
  const images = await labImages(cache);
  const folder = join(cache.images, imageKey(images));
  const store = join(folder, 'containerd');
  if (existsSync(store)) return store;
  await withLock(join(cache.root, 'images.lock'), 'the images of another lab', async () => {
    if (existsSync(store)) return;
    mkdirSync(folder, { recursive: true });
    const archive = join(folder, 'lab.tar');
    await step(`writing ${images.length} images`, () => writeImages(images, archive));
    await step(`unpacking them into ${store}`, () => unpackImages(archive, store));
    rmSync(archive);
    removeOldImages(cache.images);
  });
  return store;
}

/** Keeps the newest sets of images. Running labs have links of their own and lose nothing. */
function removeOldImages(folder: string): void {
  const ages = readdirSync(folder).map((name) => {
    const path = join(folder, name);
    return { path, changedAt: statSync(path).mtimeMs };
  });
  const old = ages.toSorted((a, b) => b.changedAt - a.changedAt).slice(keptImageSets);
  for (const { path } of old) rmSync(path, { recursive: true });
}
