import { spawn } from 'node:child_process';
import { catalogue } from '@ambit/contracts/catalogue';
import type { clusterSchema, joinSchema } from '@ambit/contracts/operations/cluster';
import type { z } from 'zod';
import { exitCodes } from './exit-codes.ts';
import { parseLine, type Parsed } from './parse.ts';
import { connect, type Connection, type Shell } from './shell.ts';
import { UsageError } from './usage-error.ts';

type Cluster = z.infer<typeof clusterSchema>;
interface Joined {
  cluster: Cluster;
  join: z.infer<typeof joinSchema>;
}

const help = `Join a Kubernetes cluster to Ambit and install its agent there.

Usage: ambit agent install --cluster NAME [--kubeconfig FILE] [--context NAME] [--print] [--no-wait]
       ambit agent install MANIFEST-URL [--kubeconfig FILE] [--context NAME] [--print]

--cluster NAME    a new cluster, or one that still waits for its agent (its join token is renewed)
MANIFEST-URL      as the console shows it when a cluster is joined
--kubeconfig FILE the cluster to install into; kubectl's own rules when left out
--context NAME    context of that kubeconfig
--print           print the manifest instead of applying it
--no-wait         do not wait until the agent has connected
`;

const connectWithinMs = 180_000;
const pollMs = 700;

/** `ambit agent install`: joins, fetches the manifest and applies it with kubectl. */
export async function agentInstall(args: string[], shell: Shell): Promise<number> {
  const { globals, values, positionals } = parseLine(args, {
    cluster: { type: 'string' },
    kubeconfig: { type: 'string' },
    context: { type: 'string' },
    print: { type: 'boolean' },
  });
  if (globals.help) {
    shell.out(help);
    return exitCodes.done;
  }
  const name = lastOf(values['cluster']);
  const [url] = positionals;
  if ((name === undefined) === (url === undefined)) {
    throw new UsageError('either --cluster NAME or the address of a manifest is needed', help);
  }
  const connection = name === undefined ? undefined : connect(shell, globals);
  const joined = connection && name ? await join(connection, name) : undefined;
  const manifest = await fetchManifest(shell, joined?.join.manifestUrl ?? url!);
  if (values['print']) {
    shell.out(manifest);
    return exitCodes.done;
  }
  const code = await kubectlApply(manifest, values, shell);
  if (code !== 0) return exitCodes.failed;
  if (!connection || !joined || globals.wait === false) return exitCodes.done;
  return waitForAgent(connection, joined.cluster, shell);
}

const lastOf = (value: string[] | boolean | undefined): string | undefined =>
  Array.isArray(value) ? value.at(-1) : undefined;

async function join(connection: Connection, name: string): Promise<Joined> {
  const { items } = (await connection.call(catalogue.cluster.list, { name })) as {
    items: Cluster[];
  };
  const there = items.find((cluster) => cluster.name === name);
  if (!there) return (await connection.call(catalogue.cluster.join, { name })) as Joined;
  return (await connection.call(catalogue.cluster.renewJoin, { clusterId: there.id })) as Joined;
}

async function fetchManifest(shell: Shell, url: string): Promise<string> {
  const response = await shell.fetch(url).catch((error: unknown) => {
    throw new UsageError(
      `the manifest cannot be fetched from ${new URL(url).origin}: ${String(error)}`,
      'Check that this machine reaches the platform.',
    );
  });
  const text = await response.text();
  if (response.ok) return text;
  throw new UsageError(
    `the platform gave no manifest (${response.status}): ${text.slice(0, 300)}`,
    'A join token works once and for an hour: make a new one in the console, or use --cluster NAME.',
  );
}

function kubectlApply(
  manifest: string,
  values: Parsed['values'],
  shell: Shell,
): Promise<number | null> {
  const where = ['kubeconfig', 'context'].flatMap((flag) => {
    const value = lastOf(values[flag]);
    return value === undefined ? [] : [`--${flag}`, value];
  });
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', [...where, 'apply', '--server-side', '-f', '-'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: shell.env,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => shell.err(text));
    }
    child.on('error', () =>
      reject(
        new UsageError(
          'kubectl cannot be run',
          'Install it and have it in PATH, or print the manifest with --print and apply it elsewhere.',
        ),
      ),
    );
    child.stdin.on('error', () => {});
    child.on('close', resolve);
    child.stdin.end(manifest);
  });
}

async function waitForAgent(
  connection: Connection,
  { id, name }: Cluster,
  shell: Shell,
): Promise<number> {
  shell.err(`waiting for the agent of ${name} to connect\n`);
  const end = Date.now() + connectWithinMs;
  while (Date.now() < end && !shell.signal.aborted) {
    const now = (await connection.call(catalogue.cluster.get, { clusterId: id })) as Cluster;
    if (now.state === 'connected') {
      shell.out(
        `${name} is connected: Kubernetes ${now.kubernetesVersion}, ${now.nodes.length} nodes\n`,
      );
      return exitCodes.done;
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  shell.err(
    `The agent of ${name} has not connected. Look at it: kubectl -n ambit-system get pods; kubectl -n ambit-system logs deploy/ambit-agent\n`,
  );
  return exitCodes.unavailable;
}
