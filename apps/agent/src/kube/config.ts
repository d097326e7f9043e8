import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

export interface KubeConfig {
  server: URL;
  tls: { ca?: Buffer; cert?: Buffer; key?: Buffer; rejectUnauthorized?: boolean };
  /** Read for each request: the kubelet renews a pod's token in its file. */
  token(): Promise<string | undefined>;
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The pod's own service account. @throws Error outside a cluster */
export async function inClusterConfig(
  env: Record<string, string | undefined>,
  folder = serviceAccount,
): Promise<KubeConfig> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  if (!host) {
    throw new Error('not in a Kubernetes cluster; set KUBECONFIG to run the agent outside of one');
  }
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    server: new URL(`https://${name}:${port}`),
    tls: { ca: await readFile(`${folder}/ca.crt`) },
    token: cached(60_000, () => readFile(`${folder}/token`, 'utf8')),
  };
}

const named = z.array(z.looseObject({ name: z.string() })).default([]);

const kubeconfigSchema = z.looseObject({
  'current-context': z.string(),
  contexts: named,
  clusters: named,
  users: named,
});

/**
 * A kubeconfig file: client certificates, tokens and token files; what a program (exec) gives is not taken.
 * @throws Error saying what is missing
 */
export async function fileConfig(path: string): Promise<KubeConfig> {
  const read = kubeconfigSchema.safeParse(parse(await readFile(path, 'utf8')));
  if (!read.success) throw new Error(`${path} is not a kubeconfig: ${read.error.message}`);
  const file = read.data;
  const pick = (list: { name: string }[], key: string, name: string) => {
    const found = list.find((entry) => entry.name === name) as Record<string, unknown> | undefined;
    if (!found) throw new Error(`${path} has no ${key} "${name}"`);
    return found[key] as Record<string, string>;
  };
  const context = pick(file.contexts, 'context', file['current-context']);
  const cluster = pick(file.clusters, 'cluster', context['cluster']!);
  const user = pick(file.users, 'user', context['user']!);
  const bytes = async (from: Record<string, string>, key: string): Promise<Buffer | undefined> => {
    const inline = from[`${key}-data`];
    if (inline) return Buffer.from(inline, 'base64');
    return from[key] ? readFile(resolve(dirname(path), from[key])) : undefined;
  };
  const tokenFile = user['tokenFile'];
  return {
    server: new URL(cluster['server']!),
    tls: {
      ca: await bytes(cluster, 'certificate-authority'),
      cert: await bytes(user, 'client-certificate'),
      key: await bytes(user, 'client-key'),
      ...(cluster['insecure-skip-tls-verify'] ? { rejectUnauthorized: false } : {}),
    },
    token: tokenFile
      ? cached(60_000, () => readFile(resolve(dirname(path), tokenFile), 'utf8'))
      : async () => user['token'],
  };
}

function cached(forMs: number, read: () => Promise<string>): () => Promise<string> {
  let value: Promise<string> | null = null;
  let readAt = 0;
  return () => {
    if (!value || Date.now() - readAt > forMs) {
      readAt = Date.now();
      value = read().then((text) => text.trim());
    }
    return value;
  };
}
