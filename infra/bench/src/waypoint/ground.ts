import { rmSync } from 'node:fs';
import { createClient, type Client } from '@ambit/client/sdk';
import { isFinished } from '@ambit/contracts/lifecycle';
import { keepsWaypointAnnotation } from '@ambit/istio/waypoint/bound';
import { waypointFilterOf } from '@ambit/lab/releases/vanilla-envoy';
import { openCaller, type Caller } from '@ambit/lab/testing/caller';
import {
  accountOf,
  callerClient,
  echoServer,
  namespaceOf,
  service,
} from '@ambit/lab/testing/workloads';
import { must } from '@ambit/run/testing/kubectl';
import {
  bringLabUp,
  insideAddress,
  labCatalogue,
  takeLabDown,
  type Lab,
} from '@ambit/run/testing/lab';
import { endLaunch, launchPlatform, newHome, readAdmin } from '@ambit/run/testing/launcher';
import { setTimeout as pause } from 'node:timers/promises';

export const namespace = 'bench';

export interface Ground {
  lab: Lab;
  client: Client;
  clusterId: string;
  meshId: string;
  caller: Caller;
  apply: (objects: object[]) => Promise<void>;
}

export const poolClasses = ['bench-a', 'bench-b'] as const;

const objects = [
  namespaceOf(namespace),
  accountOf(namespace, 'echo'),
  accountOf(namespace, 'client'),
  echoServer({ name: 'echo-v1', namespace, account: 'echo' }, 'v1'),
  echoServer({ name: 'echo-v2', namespace, account: 'echo' }, 'v2'),
  callerClient({ name: 'client', namespace, account: 'client' }),
  service(namespace, 'echo', { app: 'echo' }),
];

/** A platform, a lab of its own with an ambient mesh that Ambit made, and a client that counts; all of it goes after. */
export async function onGround<T>(
  say: (line: string) => void,
  work: (ground: Ground) => Promise<T>,
  platformEnv: NodeJS.ProcessEnv = {},
): Promise<T> {
  const home = newHome();
  const name = `bench-waypoint-${process.pid}`;
  const catalogue = await labCatalogue();
  const launch = launchPlatform({
    AMBIT_HOME: home,
    AMBIT_PORT: '0',
    AMBIT_RELEASES: catalogue,
    AMBIT_AGENT_URL: insideAddress,
    ...platformEnv,
  });
  let caller: Caller | undefined;
  try {
    await launch.ready;
    const admin = readAdmin(home);
    const client = createClient(admin);
    say('bringing the lab up');
    const lab = await bringLabUp(name, Number(new URL(admin.url).port), catalogue);
    const apply = async (list: object[]): Promise<void> => {
      const items = { apiVersion: 'v1', kind: 'List', items: list };
      await lab.kubectl.do('apply -f -', JSON.stringify(items));
    };
    await apply(objects);
    const ids = await ambientMesh(client, lab);
    await apply(poolClasses.map(filterOf));
    await lab.kubectl.do(
      `wait -n ${namespace} --for=condition=Available deployment --all --timeout=180s`,
    );
    const { meshId, clusterId } = ids;
    const { operation } = await client.enrolment.change({
      meshId,
      subjects: [{ clusterId, namespace }],
      mode: 'L4',
    });
    await ended(client, operation.id);
    say('an ambient mesh with the application in it is there');
    caller = await openCaller(lab.userEnv, namespace, 'client');
    return await work({ lab, client, ...ids, caller, apply });
  } finally {
    caller?.close();
    await takeLabDown(name);
    await endLaunch(launch);
    rmSync(home, { recursive: true, force: true });
  }
}

/** What mends this Envoy is no L7 that a waypoint is kept for. */
function filterOf(pool: string): object {
  const { metadata, ...rest } = waypointFilterOf(`ambit-waypoint-${pool}`);
  return {
    ...rest,
    metadata: { ...metadata, annotations: { [keepsWaypointAnnotation]: 'false' } },
  };
}

async function ambientMesh(
  client: Client,
  lab: Lab,
): Promise<{ clusterId: string; meshId: string }> {
  const { cluster, join } = await client.cluster.join({ name: 'bench' });
  await must('sh', ['-c', join.commands.kubectl], { env: lab.userEnv });
  const wanted = {
    name: 'bench',
    profile: 'ambient' as const,
    release: lab.releases[0]!.version,
    clusterIds: [cluster.id],
  };
  await until(async () => (await client.mesh.precheck(wanted)).allowed);
  const { mesh, operation } = await client.mesh.create(wanted);
  await ended(client, operation.id);
  return { clusterId: cluster.id, meshId: mesh.id };
}

export async function ended(client: Client, operationId: string): Promise<void> {
  await until(async () => {
    const { state, message } = await client.operation.get({ operationId });
    if (isFinished(state) && state !== 'succeeded') {
      throw new Error(`the operation ${state}: ${message}`);
    }
    return state === 'succeeded';
  });
}

/** Looks ten times a second; gives the seconds until it was so. */
export async function until(so: () => Promise<boolean>, limitS = 300): Promise<number> {
  const began = performance.now();
  for (;;) {
    if (await so()) return (performance.now() - began) / 1000;
    if (performance.now() - began > limitS * 1000) {
      throw new Error(`it was not so after ${limitS} s: ${so.toString()}`);
    }
    await pause(100);
  }
}
