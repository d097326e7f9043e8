import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { meshKinds } from '../src/testing/crds.ts';
import { connect, type Subject } from './client.ts';

export interface PeerBinaries {
  kubeApiserver: string;
  etcd: string;
}

/** The binaries in a folder, or in its folders `kubernetes-*` and `etcd-*` as a lab's cache has them. */
export function findBinaries(folder: string): PeerBinaries | undefined {
  if (!existsSync(folder)) return undefined;
  const folders = [folder, ...readdirSync(folder).map((entry) => join(folder, entry))];
  const find = (name: string) => folders.map((entry) => join(entry, name)).find(existsSync);
  const kubeApiserver = find('kube-apiserver');
  const etcd = find('etcd');
  return kubeApiserver === undefined || etcd === undefined ? undefined : { kubeApiserver, etcd };
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

/** This package's server in a process of its own, with the peer's certificate when there is one. */
export async function startOurs(tls?: { key: string; cert: string }): Promise<Subject> {
  const program = fileURLToPath(new URL('./serve.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    [program, ...(tls === undefined ? [] : [tls.key, tls.cert])],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once('exit', () => reject(new Error('the server under test did not start')));
  });
  return {
    name: 'kube-api over the memory store',
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    stop: async () => {
      child.kill();
      await ended(child);
    },
  };
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** A real kube-apiserver over etcd (without fsync, its fastest), with the mesh's CRDs. */
export async function startPeer(
  binaries: PeerBinaries,
): Promise<Subject & { key: string; cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-api-bench-'));
  const [client, peer, port] = await Promise.all([freePort(), freePort(), freePort()]);
  const token = 'bench';
  const signing = join(folder, 'sa.key');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(signing, privateKey.export({ type: 'pkcs1', format: 'pem' }));
  await writeFile(join(folder, 'tokens.csv'), `${token},bench,1,"system:masters"\n`);
  const etcdUrl = `http://127.0.0.1:${client}`;
  const etcd = spawn(
    binaries.etcd,
    [
      '--data-dir',
      join(folder, 'etcd'),
      '--listen-client-urls',
      etcdUrl,
      '--advertise-client-urls',
      etcdUrl,
      '--listen-peer-urls',
      `http://127.0.0.1:${peer}`,
      '--unsafe-no-fsync',
      '--log-level',
      'error',
    ],
    { stdio: 'ignore' },
  );
  const apiserver = spawn(
    binaries.kubeApiserver,
    [
      `--etcd-servers=${etcdUrl}`,
      `--secure-port=${port}`,
      '--bind-address=127.0.0.1',
      `--cert-dir=${folder}`,
      `--token-auth-file=${join(folder, 'tokens.csv')}`,
      '--authorization-mode=AlwaysAllow',
      '--service-account-issuer=https://bench',
      `--service-account-key-file=${signing}`,
      `--service-account-signing-key-file=${signing}`,
      '--service-cluster-ip-range=10.96.0.0/24',
      '--disable-admission-plugins=ServiceAccount',
      '--enable-priority-and-fairness=false',
    ],
    { stdio: 'ignore' },
  );
  const stop = async (): Promise<void> => {
    apiserver.kill('SIGKILL');
    etcd.kill('SIGKILL');
    await Promise.all([ended(apiserver), ended(etcd)]);
    await rm(folder, { recursive: true, force: true });
  };
  const subject = { name: 'kube-apiserver + etcd', url: `https://127.0.0.1:${port}`, token, stop };
  try {
    await until(subject, 'GET', '/readyz', undefined, 200);
    for (const kind of (await meshKinds()) ?? []) {
      if (kind.kind !== 'VirtualService' || kind.group !== 'networking.istio.io') continue;
      await until(
        subject,
        'POST',
        '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
        JSON.stringify(kind.crd),
        201,
      );
    }
    await until(
      subject,
      'GET',
      '/apis/networking.istio.io/v1/namespaces/default/virtualservices',
      undefined,
      200,
    );
    await until(subject, 'GET', '/api/v1/namespaces/default', undefined, 200);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...subject, key: join(folder, 'apiserver.key'), cert: join(folder, 'apiserver.crt') };
}

async function until(
  subject: Subject,
  method: string,
  path: string,
  body: string | undefined,
  status: number,
): Promise<void> {
  const client = connect(subject, 1);
  const deadline = Date.now() + 90_000;
  let last = '';
  try {
    while (Date.now() < deadline) {
      try {
        const answer = await client.send(method, path, body);
        if (answer.status === status) return;
        last = `${answer.status} ${answer.body.toString().slice(0, 200)}`;
      } catch (error) {
        last = String(error);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } finally {
    client.close();
  }
  throw new Error(`${subject.name}: ${method} ${path} did not answer ${status}: ${last}`);
}
