import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject } from '@ambit/contracts/common';
import type { Release } from '@ambit/contracts/release';
import { objectsOf } from '@ambit/istio/bundle/split';
import { AmbitError } from '../kernel/errors.ts';
import { fetchFile } from './fetch-file.ts';
import type { Say } from './istioctl.ts';

/**
 * The Gateway API CRDs that go with a release; empty when it names none.
 * @throws AmbitError unavailable
 */
export async function gatewayApiOf(
  release: Release,
  cacheFolder: string,
  say: Say,
): Promise<KubeObject[]> {
  const source = release.gatewayApi;
  if (!source) return [];
  if (source.path !== undefined) return crdsIn(source.path);
  const path = join(cacheFolder, 'gateway-api', `${source.version}.yaml`);
  const kept = await crdsIn(path).catch(() => undefined);
  if (kept) return kept;
  const url = String(source.url);
  say(`Downloading the CRDs of Gateway API ${source.version} from ${url}`);
  await fetchFile({ url, sha256: source.sha256 ?? 'unchecked', path });
  return crdsIn(path);
}

async function crdsIn(path: string): Promise<KubeObject[]> {
  const yaml = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new AmbitError('unavailable', `no Gateway API CRDs at ${path}`, {
      cause: error,
      fix: 'correct gatewayApi.path of the release in the catalogue (AMBIT_RELEASES)',
    });
  });
  const crds = objectsOf(yaml).filter((object) => object.kind === 'CustomResourceDefinition');
  if (crds.length === 0) {
    throw new AmbitError('unprocessable', `${path} holds no CustomResourceDefinition`);
  }
  return crds;
}
