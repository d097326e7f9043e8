import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bundle } from '@ambit/contracts/agent/bundle';
import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import { releaseSchema, type Release } from '@ambit/contracts/release';
import { sandboxReleases } from '@ambit/sandbox/releases/catalogue';
import { istioctlOf } from './istioctl.ts';
import { istioctlRenderer, type RenderInput } from './renderer.ts';

/** A real istioctl: AMBIT_TEST_ISTIOCTL, or the one the lab built. */
const labBin = join(
  process.env.AMBIT_CACHE ?? process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'ambit/lab/bin',
);
const istioctl =
  process.env.AMBIT_TEST_ISTIOCTL ??
  [join(labBin, 'istio-1.31.0-lab/istioctl')].find((path) => existsSync(path));
if (!istioctl) console.log('no istioctl (AMBIT_TEST_ISTIOCTL, or build the lab): not rendered');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ambit-test-render-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const release = (more: object = {}): Release =>
  releaseSchema.parse({
    version: '1.31.0',
    channel: 'test',
    kubernetes: { min: '1.32', max: '1.35' },
    endOfLife: '2027-12-31',
    source: { istioctl: istioctl ?? '/nowhere' },
    ...more,
  });

const input = (more: Partial<RenderInput> = {}): RenderInput => ({
  release: release(),
  profile: 'sidecar',
  options: meshOptionsSchema.parse({}),
  meshId: 'msh_1',
  withGatewayApi: false,
  ...more,
});

const quiet = () => {};

async function rendered(more: Partial<RenderInput> = {}): Promise<Bundle> {
  const packed = await istioctlRenderer({ cacheFolder: folder }).render(input(more), quiet);
  return JSON.parse(gunzipSync(packed.gzip).toString()) as Bundle;
}

const names = (bundle: Bundle): Record<string, string[]> =>
  Object.fromEntries(
    bundle.phases.map((phase) => [
      phase.name,
      phase.objects.map((object) => `${object.kind} ${object.metadata.name}`),
    ]),
  );

describe.runIf(istioctl)('with a real istioctl', { timeout: 60_000 }, () => {
  test('a sidecar mesh comes in phases: namespace, CRDs, configuration, istiod, webhooks', async () => {
    const bundle = await rendered();
    const phases = names(bundle);
    expect(Object.keys(phases)).toEqual([
      'namespaces',
      'crds',
      'configuration',
      'control-plane',
      'webhooks',
    ]);
    expect(phases.namespaces).toEqual(['Namespace istio-system']);
    expect(phases.crds).toContain('CustomResourceDefinition virtualservices.networking.istio.io');
    expect(phases['control-plane']).toContain('Deployment istiod');
    expect(phases.webhooks).toContain('MutatingWebhookConfiguration istio-sidecar-injector');
    const unlabelled = bundle.phases.flatMap((phase) =>
      phase.objects.filter((object) => object.metadata.labels?.['ambit.dev/mesh'] !== 'msh_1'),
    );
    expect(unlabelled).toEqual([]);
  });

  test('an ambient mesh has its node components after istiod, each waited for', async () => {
    const { phases } = await rendered({ profile: 'ambient' });
    const waits = phases.map((phase) => [phase.name, phase.wait]);
    expect(waits).toContainEqual(['crds', 'established']);
    expect(waits.slice(-2)).toEqual([
      ['cni', 'rollout'],
      ['ztunnel', 'rollout'],
    ]);
  });

  test('options and patches reach the objects, the patch of a release last', async () => {
    const bundle = await rendered({
      release: release({
        patches: [
          {
            name: 'small',
            reason: 'a small node',
            values: { pilot: { resources: { requests: { cpu: '10m' } } } },
          },
        ],
      }),
      options: meshOptionsSchema.parse({
        mtls: 'STRICT',
        trustDomain: 'example.org',
        outboundTraffic: 'REGISTRY_ONLY',
      }),
    });
    const objects = bundle.phases.flatMap((phase) => phase.objects);
    const find = (kind: string, name: string) =>
      objects.find((o) => o.kind === kind && o.metadata.name === name);
    const mesh = JSON.stringify(find('ConfigMap', 'istio'));
    expect(mesh).toContain('trustDomain: example.org');
    expect(mesh).toContain('mode: REGISTRY_ONLY');
    expect(JSON.stringify(find('Deployment', 'istiod'))).toContain(
      '"requests":{"cpu":"10m","memory":"2Gi"}',
    );
    expect(find('PeerAuthentication', 'default')).toMatchObject({
      spec: { mtls: { mode: 'STRICT' } },
    });
  });

  test('equal input has an equal digest, other options another one', async () => {
    const one = istioctlRenderer({ cacheFolder: folder });
    const other = istioctlRenderer({ cacheFolder: folder });
    const a = await one.render(input(), quiet);
    const b = await other.render(input(), quiet);
    const c = await one.render(
      input({ options: meshOptionsSchema.parse({ accessLog: true }) }),
      quiet,
    );
    expect(a.digest).toBe(b.digest);
    expect(a.digest).not.toBe(c.digest);
  });

  test('values the installer refuses are told in its own words', async () => {
    const broken = input({ release: release({ values: { pilot: { autoscaleMin: 'many' } } }) });
    await expect(
      istioctlRenderer({ cacheFolder: folder }).render(broken, quiet),
    ).rejects.toMatchObject({ message: expect.stringContaining('istioctl refused to render') });
  });
});

describe('a downloaded istioctl', () => {
  let server: Server;
  let base: string;
  const served = new Map<string, Buffer>();

  beforeAll(async () => {
    server = createServer((request, response) => {
      const body = served.get(request.url ?? '');
      response.writeHead(body ? 200 : 404).end(body ?? 'not here');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    const script = Buffer.from('#!/bin/sh\necho "client version: 9.9.9"\n');
    const archive = gzipSync(tarOf('istioctl', script));
    served.set('/istioctl.tar.gz', archive);
    const { createHash } = await import('node:crypto');
    served.set(
      '/istioctl.tar.gz.sha256',
      Buffer.from(`${createHash('sha256').update(archive).digest('hex')}  istioctl.tar.gz\n`),
    );
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const from = (path: string, more: object = {}) =>
    release({ version: '9.9.9', source: { url: `${base}${path}`, ...more } });

  test('is verified by the checksum beside it, kept, and not asked for again', async () => {
    const path = await istioctlOf(from('/istioctl.tar.gz'), folder, quiet);
    expect(await readFile(path, 'utf8')).toContain('9.9.9');
    expect(await istioctlOf(from('/gone'), folder, quiet)).toBe(path);
    await rm(path);
  });

  test('with another checksum is not used', async () => {
    await expect(
      istioctlOf(from('/istioctl.tar.gz', { sha256: '0'.repeat(64) }), folder, quiet),
    ).rejects.toMatchObject({ code: 'unprocessable' });
  });

  test('that cannot be reached is told with what to do', async () => {
    await expect(istioctlOf(from('/gone.tar.gz'), folder, quiet)).rejects.toMatchObject({
      code: 'unavailable',
      fix: expect.stringContaining('AMBIT_RELEASES'),
    });
  });

  test('of another version is refused', async () => {
    const other = release({ version: '9.9.8', source: { url: `${base}/istioctl.tar.gz` } });
    await expect(istioctlOf(other, folder, quiet)).rejects.toMatchObject({
      message: expect.stringContaining('not 9.9.8'),
    });
  });

  test('named by a path that is not there is told with the path', async () => {
    const path = join(folder, 'not-executable');
    await writeFile(path, '');
    await chmod(path, 0o600);
    await expect(
      istioctlOf(release({ source: { istioctl: path } }), folder, quiet),
    ).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining(path) });
  });
});

/** A ustar archive of one file, as `tar -c` writes it. */
function tarOf(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000755\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('0', 156);
  header.write('ustar\0', 257);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([header, content, padding, Buffer.alloc(1024)]);
}

describe('a simulated release', () => {
  const simulated = sandboxReleases[0]!;

  test('is rendered without an istioctl, by a generator of its own, and says that it is simulated', async () => {
    const bundle = await rendered({ release: simulated, profile: 'ambient', withGatewayApi: true });
    const found = names(bundle);
    expect(found['control-plane']).toContain('Deployment istiod');
    expect(found['cni']).toEqual(['DaemonSet istio-cni-node']);
    expect(found['ztunnel']).toEqual(['DaemonSet ztunnel']);
    expect(found['crds']).toContain(
      'CustomResourceDefinition httproutes.gateway.networking.k8s.io',
    );
    for (const { metadata, kind } of bundle.phases.flatMap(({ objects }) => objects)) {
      if (kind !== 'Namespace') expect(metadata.labels?.['ambit.dev/simulated']).toBe('true');
    }
  });

  test('leaves ambient and the Gateway API out when they are not wanted', async () => {
    const found = names(await rendered({ release: simulated, withGatewayApi: false }));
    expect(found['ztunnel']).toBeUndefined();
    expect(found['crds']?.some((name) => name.includes('gateway.networking.k8s.io'))).toBe(false);
  });
});
