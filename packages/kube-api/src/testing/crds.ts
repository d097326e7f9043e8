import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kindsFromCrds } from '../kinds/from-crd.ts';
import type { Kind } from '../kinds/kind.ts';

const run = promisify(execFile);

const modules = {
  istio: { path: 'istio.io/istio', version: 'v0.0.0-20260827124520-eed52ebb66ad' },
  gateway: { path: 'sigs.k8s.io/gateway-api', version: 'v1.6.0' },
};

/** Folder of a Go module, downloaded when it has to be; undefined when there is no way to it. */
async function moduleFolder({
  path,
  version,
}: {
  path: string;
  version: string;
}): Promise<string | undefined> {
  try {
    const { stdout: cache } = await run('go', ['env', 'GOMODCACHE']);
    const folder = join(cache.trim(), `${path}@${version}`);
    if (existsSync(folder)) return folder;
    const { stdout } = await run('go', ['mod', 'download', '-json', `${path}@${version}`], {
      timeout: 120_000,
    });
    return (JSON.parse(stdout) as { Dir: string }).Dir;
  } catch {
    return undefined;
  }
}

/** The CRDs of Istio and of the Gateway API's standard channel, as their modules carry them. */
export async function meshKinds(): Promise<Kind[] | undefined> {
  const [istio, gateway] = await Promise.all([
    moduleFolder(modules.istio),
    moduleFolder(modules.gateway),
  ]);
  if (istio === undefined || gateway === undefined) return undefined;
  const standard = join(gateway, 'config/crd/standard');
  const texts = [
    readFileSync(join(istio, 'manifests/charts/base/files/crd-all.gen.yaml'), 'utf8'),
    ...readdirSync(standard)
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => readFileSync(join(standard, file), 'utf8')),
  ];
  return texts.flatMap(kindsFromCrds);
}
