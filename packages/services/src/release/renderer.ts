import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Bundle } from '@ambit/contracts/agent/bundle';
import { canonicalJson } from '@ambit/contracts/canonical';
import type { KubeObject } from '@ambit/contracts/common';
import { controlPlaneBundle, objectCount, objectsOf } from '@ambit/istio/bundle/split';
import { extraObjects, installerInput, type InstallInput } from '@ambit/istio/values';
import { gatewayApiDefinitions } from '@ambit/sandbox/releases/definitions';
import { renderSandboxRelease } from '@ambit/sandbox/releases/render';
import { AmbitError } from '../kernel/errors.ts';
import { gatewayApiOf } from './gateway-api.ts';
import { istioctlOf, type Say } from './istioctl.ts';

const renderTimeoutMs = 60_000;
const keptRenders = 16;

export interface RenderInput extends InstallInput {
  meshId: string;
  /** False when a cluster keeps the Gateway API it has. */
  withGatewayApi: boolean;
}

/** A bundle ready to be stored: content-addressed by the digest of its canonical JSON. */
export interface PackedBundle {
  digest: string;
  size: number;
  gzip: Uint8Array<ArrayBuffer>;
  objects: number;
}

/** Renders releases; impure, slow (a process, maybe a download), so never within a transaction. */
export interface Renderer {
  /** @throws AmbitError unavailable or unprocessable with a sentence for people */
  render(input: RenderInput, say: Say): Promise<PackedBundle>;
}

/** The renderer that runs istioctl; simulated releases it makes itself. Equal inputs are rendered once per process. */
export function istioctlRenderer({ cacheFolder }: { cacheFolder: string }): Renderer {
  const renders = new Map<string, Promise<KubeObject[]>>();

  function rendered(input: InstallInput, say: Say): Promise<KubeObject[]> {
    const operator = canonicalJson(installerInput(input));
    const key = createHash('sha256')
      .update(canonicalJson([input.release.version, input.release.source, operator]))
      .digest('hex');
    const known = renders.get(key);
    if (known) return known;
    const fresh = istioctlOf(input.release, cacheFolder, say).then((istioctl) =>
      manifestOf(istioctl, operator, say),
    );
    renders.set(key, fresh);
    fresh.catch(() => renders.delete(key));
    const oldest = renders.keys().next().value;
    if (renders.size > keptRenders && oldest !== undefined) renders.delete(oldest);
    return fresh;
  }

  return {
    async render(input, say) {
      const { source } = input.release;
      const isSimulated = 'sandbox' in source;
      const objects = isSimulated
        ? renderSandboxRelease(source.sandbox, installerInput(input))
        : await rendered(input, say);
      const gatewayApi = !input.withGatewayApi
        ? []
        : isSimulated
          ? gatewayApiDefinitions(source.sandbox)
          : await gatewayApiOf(input.release, cacheFolder, say);
      return packBundle(
        controlPlaneBundle({
          meshId: input.meshId,
          rendered: objects,
          gatewayApi,
          extras: extraObjects(input),
        }),
      );
    },
  };
}

/** Canonical bytes, their digest and their gzip. */
export async function packBundle(bundle: Bundle): Promise<PackedBundle> {
  const bytes = Buffer.from(canonicalJson(bundle));
  return {
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    size: bytes.length,
    gzip: new Uint8Array(await promisify(gzip)(bytes)),
    objects: objectCount(bundle),
  };
}

async function manifestOf(istioctl: string, operator: string, say: Say): Promise<KubeObject[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ambit-render-'));
  try {
    const file = join(folder, 'operator.json');
    await writeFile(file, operator);
    const { stdout, stderr } = await promisify(execFile)(
      istioctl,
      ['manifest', 'generate', '-f', file],
      // No kubeconfig: rendering must not depend on a cluster that happens to be reachable.
      {
        timeout: renderTimeoutMs,
        maxBuffer: 64 * 1024 * 1024,
        env: { PATH: process.env.PATH ?? '', HOME: folder },
      },
    ).catch((error: unknown) => {
      const { stderr: text, killed } = error as { stderr?: string; killed?: boolean };
      throw new AmbitError(
        'unprocessable',
        killed
          ? `istioctl did not finish within ${renderTimeoutMs / 1000} s`
          : `istioctl refused to render: ${lastLine(text) || String(error)}`,
        { cause: error },
      );
    });
    for (const line of stderr.split('\n').filter((text) => text.trim() !== '')) say(line.trim());
    return objectsOf(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const lastLine = (text: string | undefined): string =>
  (text ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .at(-1)
    ?.trim() ?? '';
