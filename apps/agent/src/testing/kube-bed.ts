import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomInt, randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKubeClient, type KubeClient } from '../kube/client.ts';
import { fileConfig } from '../kube/config.ts';

/** A real etcd and kube-apiserver on loopback: no kubelet, no controllers, RBAC on. */
export interface KubeBed {
  /** Kubeconfig of an administrator. */
  kubeconfig: string;
  /** Kubeconfig of the agent's service account: only what its manifest grants. */
  agentKubeconfig: string;
  admin: KubeClient;
  stop(): Promise<void>;
}

interface Binaries {
  etcd: string;
  apiserver: string;
}

/** Where the lab keeps what it built (infra/lab); null when it did not build anything yet. */
export function bedBinaries(env: NodeJS.ProcessEnv = process.env): Binaries | null {
  const base =
    env['AMBIT_CACHE'] || env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  const bin = join(base, 'ambit', 'lab', 'bin');
  const newest = (prefix: string, file: string): string | undefined =>
    (existsSync(bin) ? readdirSync(bin) : [])
      .filter((name) => name.startsWith(`${prefix}-`))
      .sort()
      .map((name) => join(bin, name, file))
      .findLast((path) => existsSync(path));
  const etcd = newest('etcd', 'etcd');
  const apiserver = newest('kubernetes', 'kube-apiserver');
  return etcd && apiserver ? { etcd, apiserver } : null;
}

/** Said when the tests that need a real API server are skipped. */
export const bedMissing =
  'skipped: no etcd and kube-apiserver; build them with `npm run lab -- build`';

const agentUser = 'system:serviceaccount:ambit-system:ambit-agent';

/** @throws Error with the last lines of the log when it does not become ready */
export async function startKubeBed(binaries: Binaries): Promise<KubeBed> {
  const folder = await mkdtemp(join(tmpdir(), 'ambit-bed-'));
  const children: ChildProcess[] = [];
  const stop = async () => {
    for (const child of children.toReversed()) await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [client, peer, secure] = await Promise.all([freePort(), freePort(), freePort()]);
    const tokens = { admin: randomUUID(), agent: randomUUID() };
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = join(folder, 'service-accounts.pem');
    await mkdir(join(folder, 'pki'));
    await writeFile(key, privateKey.export({ type: 'pkcs1', format: 'pem' }));
    await writeFile(
      join(folder, 'tokens.csv'),
      `${tokens.admin},admin,admin,"system:masters"\n${tokens.agent},${agentUser},agent,"system:serviceaccounts,system:serviceaccounts:ambit-system"\n`,
    );
    const etcdUrl = `http://127.0.0.1:${client}`;
    const peerUrl = `http://127.0.0.1:${peer}`;
    children.push(
      run(binaries.etcd, folder, 'etcd', [
        `--data-dir=${join(folder, 'etcd')}`,
        `--listen-client-urls=${etcdUrl}`,
        `--advertise-client-urls=${etcdUrl}`,
        `--listen-peer-urls=${peerUrl}`,
        `--initial-advertise-peer-urls=${peerUrl}`,
        `--initial-cluster=default=${peerUrl}`,
        '--unsafe-no-fsync',
        '--log-level=error',
      ]),
      run(binaries.apiserver, folder, 'apiserver', [
        `--etcd-servers=${etcdUrl}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${secure}`,
        `--cert-dir=${join(folder, 'pki')}`,
        `--token-auth-file=${join(folder, 'tokens.csv')}`,
        '--authorization-mode=RBAC',
        '--anonymous-auth=false',
        '--disable-admission-plugins=ServiceAccount',
        '--service-cluster-ip-range=127.96.0.0/16',
        '--service-account-issuer=https://kubernetes.default.svc',
        `--service-account-key-file=${key}`,
        `--service-account-signing-key-file=${key}`,
        '--endpoint-reconciler-type=none',
      ]),
    );
    const write = async (name: string, token: string): Promise<string> => {
      const path = join(folder, `${name}.yaml`);
      await writeFile(path, JSON.stringify(kubeconfig(`https://127.0.0.1:${secure}`, token)), {
        mode: 0o600,
      });
      return path;
    };
    const config = await write('admin', tokens.admin);
    const admin = openKubeClient(await fileConfig(config));
    await untilReady(admin, children, join(folder, 'apiserver.log'));
    return {
      kubeconfig: config,
      agentKubeconfig: await write('agent', tokens.agent),
      admin,
      stop: async () => {
        admin.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function run(program: string, folder: string, name: string, args: string[]): ChildProcess {
  const log = join(folder, `${name}.log`);
  // A shell only to send both streams into one file; exec makes the program itself the child.
  return spawn('/bin/sh', ['-c', 'exec "$0" "$@" >"$BED_LOG" 2>&1', program, ...args], {
    env: { ...process.env, BED_LOG: log },
    stdio: 'ignore',
  });
}

async function untilReady(admin: KubeClient, children: ChildProcess[], log: string): Promise<void> {
  const until = Date.now() + 110_000;
  for (;;) {
    try {
      await admin.request('GET', '/api/v1/namespaces/kube-system', { timeoutMs: 2000 });
      // The roles that every authenticated user has are made by a hook after the start.
      await admin.request(
        'GET',
        '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:discovery',
        {
          timeoutMs: 2000,
        },
      );
      await admin.request(
        'GET',
        '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/system:discovery',
        {
          timeoutMs: 2000,
        },
      );
      return;
    } catch {
      const dead = children.some(({ exitCode }) => exitCode !== null);
      if (dead || Date.now() > until) {
        const text = await readFile(log, 'utf8').catch(() => '');
        throw new Error(`the API server did not start:\n${text.split('\n').slice(-20).join('\n')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

const kubeconfig = (server: string, token: string) => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'bed',
  contexts: [{ name: 'bed', context: { cluster: 'bed', user: 'bed' } }],
  clusters: [{ name: 'bed', cluster: { server, 'insecure-skip-tls-verify': true } }],
  users: [{ name: 'bed', user: { token } }],
});

/**
 * A port of 127.0.0.1 to listen on in a while. None that the kernel would choose: such a port may be that of an
 * outgoing connection by then.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const port = randomInt(20_000, 30_000);
    const server = createServer().on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(freePort()) : reject(error),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(port)));
  });
}
