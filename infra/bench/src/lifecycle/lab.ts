import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type Client } from '@ambit/client/sdk';
import { isFinished } from '@ambit/contracts/lifecycle';
import {
  bringLabUp,
  insideAddress,
  labCatalogue,
  takeLabDown,
  type Lab,
} from '@ambit/run/testing/lab';
import { endLaunch, launchPlatform, newHome, readAdmin } from '@ambit/run/testing/launcher';
import { must } from '@ambit/run/testing/kubectl';
import { figure, quantile, type Figure } from '../figure.ts';
import { residentMb } from './memory.ts';
import { statusInside } from './start.ts';

const rounds = 3;
const writes = 300;
const settleMs = 10_000;
const patienceMs = 30_000;
const profile = 'sidecar';

/** On a lab: creating a mesh beside `istioctl install`, turn by turn, and how soon a policy is in the cluster. */
export async function measureOnLab(say: (line: string) => void): Promise<Figure[]> {
  const home = newHome();
  const name = `bench-${process.pid}`;
  const catalogue = await labCatalogue();
  const launch = launchPlatform({
    AMBIT_HOME: home,
    AMBIT_PORT: '0',
    AMBIT_RELEASES: catalogue,
    AMBIT_AGENT_URL: insideAddress,
  });
  try {
    await launch.ready;
    const admin = readAdmin(home);
    const client = createClient(admin);
    say('bringing the lab up');
    const lab = await bringLabUp(name, Number(new URL(admin.url).port), catalogue);
    const clusterId = await joinLab(client, lab);
    await pause(settleMs);
    const agentMb = residentMb(await statusInside((args) => lab.command(args), '/app/agent.mjs'));
    say(`idle agent: ${agentMb.toFixed(0)} MB`);
    const { ours, theirs } = await createInTurns(client, lab, clusterId, say);
    const delays = await policyDelays(client, lab, clusterId, say);
    return [
      figure('create_to_ready_s', quantile(ours, 0.5), 's', quantile(theirs, 0.5)),
      figure('policy_to_applied_p50_ms', quantile(delays, 0.5), 'ms'),
      figure('policy_to_applied_p99_ms', quantile(delays, 0.99), 'ms'),
      figure('agent_idle_memory_mb', agentMb, 'MB'),
    ];
  } finally {
    await takeLabDown(name);
    await endLaunch(launch);
    rmSync(home, { recursive: true, force: true });
  }
}

async function joinLab(client: Client, lab: Lab): Promise<string> {
  const { cluster, join } = await client.cluster.join({ name: 'bench' });
  await must('sh', ['-c', join.commands.kubectl], { env: lab.userEnv });
  while ((await client.cluster.get({ clusterId: cluster.id })).state !== 'connected') {
    await pause(200);
  }
  return cluster.id;
}

/** Each round: istioctl installs and is removed, then Ambit creates and deletes. Seconds until Ready, of both. */
async function createInTurns(
  client: Client,
  lab: Lab,
  clusterId: string,
  say: (line: string) => void,
): Promise<{ ours: number[]; theirs: number[] }> {
  const { version, source } = lab.releases[0]!;
  const istioctl = { ...lab.userEnv, PATH: `${dirname(source.istioctl)}:${lab.userEnv['PATH']}` };
  const operator = await lab.command(['operator', version, profile]);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    theirs.push(
      await seconds(() =>
        must('istioctl', ['install', '-y', '-f', '-'], { env: istioctl, input: operator }),
      ),
    );
    await must('istioctl', ['uninstall', '--purge', '-y'], { env: istioctl });
    await emptied(lab);
    // Ambit refuses a cluster until its agent has seen that the other Istio is gone.
    while ((await client.cluster.get({ clusterId })).foreignIstio.length > 0) await pause(200);
    const { mesh, took, steps } = await createMesh(client, clusterId, version);
    ours.push(took);
    say(
      `round ${round + 1}: istioctl ${theirs.at(-1)!.toFixed(1)} s, Ambit ${took.toFixed(1)} s (${steps})`,
    );
    await deleteMesh(client, mesh);
    await emptied(lab);
  }
  return { ours, theirs };
}

/** Both begin from the same: no namespace istio-system, none of its CRDs. */
async function emptied({ kubectl }: Lab): Promise<void> {
  await kubectl.do('delete namespace istio-system --ignore-not-found --wait=true');
  const crds = (await kubectl.do('get crds -o name')).split('\n');
  const istio = crds.filter((crd) => crd.endsWith('.istio.io'));
  if (istio.length > 0) await kubectl.do(`delete ${istio.join(' ')} --wait=true`);
}

async function createMesh(client: Client, clusterId: string, release: string) {
  let mesh = '';
  let operation = '';
  const took = await seconds(async () => {
    const started = await client.mesh.create({
      name: 'bench',
      profile,
      release,
      clusterIds: [clusterId],
    });
    mesh = started.mesh.id;
    operation = started.operation.id;
    await finished(client, operation);
  });
  return { mesh, took, steps: await stepTimes(client, operation) };
}

/** How long each step of an operation took, in words. */
async function stepTimes(client: Client, operationId: string): Promise<string> {
  const { steps } = await client.operation.get({ operationId });
  return steps
    .filter(({ startedAt, finishedAt }) => startedAt && finishedAt)
    .map(({ name, startedAt, finishedAt }) => {
      const ms = Date.parse(finishedAt!) - Date.parse(startedAt!);
      return `${name} ${(ms / 1000).toFixed(1)}`;
    })
    .join(', ');
}

async function deleteMesh(client: Client, meshId: string): Promise<void> {
  const { operation } = await client.mesh.delete({ meshId, confirm: 'bench' });
  await finished(client, operation.id);
}

async function finished(client: Client, operationId: string): Promise<void> {
  for (;;) {
    const { state, message } = await client.operation.get({ operationId });
    if (state === 'succeeded') return;
    if (isFinished(state)) throw new Error(`the operation ${state}: ${message}`);
    await pause(50);
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

const route = (timeoutMs: number): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: measured, namespace: bench }
spec:
  hosts: [measured]
  http: [{ timeout: ${timeoutMs}ms, route: [{ destination: { host: measured } }] }]
`;

/** Writes one policy again and again; each time from sending it to a watch on the cluster showing it, in ms. */
async function policyDelays(
  client: Client,
  lab: Lab,
  clusterId: string,
  say: (line: string) => void,
): Promise<number[]> {
  const { mesh } = await createMesh(client, clusterId, lab.releases[0]!.version);
  await lab.kubectl.do('create namespace bench');
  await client.policy.apply({ meshId: mesh, yaml: route(1) });
  const seen = watchTimeouts(lab);
  try {
    await seen.when(1);
    const delays: number[] = [];
    for (let n = 2; n < writes + 2; n++) {
      const began = performance.now();
      await client.policy.apply({ meshId: mesh, yaml: route(n) });
      await seen.when(n);
      delays.push(performance.now() - began);
    }
    say(`${writes} policy writes, slowest ${Math.max(...delays).toFixed(0)} ms`);
    return delays;
  } finally {
    seen.stop();
    await deleteMesh(client, mesh);
  }
}

/** Follows the timeout of the measured route by `kubectl get --watch`. */
function watchTimeouts(lab: Lab) {
  const child = spawn(
    'kubectl',
    [
      'get',
      'virtualservices.networking.istio.io',
      '--namespace=bench',
      '--watch',
      '--no-headers',
      '--output=custom-columns=TIMEOUT:.spec.http[0].timeout',
    ],
    { env: { ...process.env, ...lab.userEnv }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let latest = 0;
  const waiting = new Map<number, () => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    latest = Number.parseInt(line, 10);
    waiting.get(latest)?.();
  });
  return {
    when: (timeoutMs: number): Promise<void> =>
      new Promise((resolve, reject) => {
        if (latest === timeoutMs) return resolve();
        const late = setTimeout(
          () => reject(new Error(`a policy was not in the cluster after ${patienceMs} ms`)),
          patienceMs,
        );
        waiting.set(timeoutMs, () => {
          clearTimeout(late);
          resolve();
        });
      }),
    stop: () => child.kill(),
  };
}
