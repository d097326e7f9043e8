import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processesOf } from '@ambit/run/testing/launcher';
import { root } from '@ambit/run/root';
import { expect, type Lab, type LabPlatform } from '../support/lab.ts';
import type { KubeObject } from '@ambit/run/testing/kubectl';

const sample = readFileSync(join(root, 'infra/lab/manifests/echo.yaml'), 'utf8');

/** Installs the sample application and waits for it. */
export async function installSample({ kubectl }: Lab): Promise<void> {
  await kubectl.do('apply -f -', sample);
  await kubectl.do('wait --for=condition=Available deployment --all -n shop --timeout=120s');
}

interface Pod extends KubeObject {
  metadata: KubeObject['metadata'] & { deletionTimestamp?: string };
  spec: {
    containers: { name: string }[];
    initContainers?: { name: string; restartPolicy?: string }[];
  };
  status: {
    containerStatuses?: { ready: boolean }[];
    initContainerStatuses?: { name: string; ready: boolean }[];
  };
}

/** Pods of a namespace as `kubectl get pods` counts them, `2/2`, by the deployment they belong to. */
export async function podsOf(
  { kubectl }: Lab,
  namespace: string,
): Promise<Record<string, string[]>> {
  const pods = (await kubectl.get<Pod>(`pods -n ${namespace}`)).filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  );
  const counts: Record<string, string[]> = {};
  for (const { metadata, spec, status } of pods) {
    // A sidecar may be an init container that goes on running (Kubernetes 1.29 and newer).
    const lasting = (spec.initContainers ?? []).filter((each) => each.restartPolicy === 'Always');
    const ready =
      (status.containerStatuses ?? []).filter((each) => each.ready).length +
      (status.initContainerStatuses ?? []).filter(
        (each) => each.ready && lasting.some(({ name }) => name === each.name),
      ).length;
    const name = metadata.name.replace(/-[a-z0-9]+-[a-z0-9]+$/, '');
    counts[name] = [...(counts[name] ?? []), `${ready}/${spec.containers.length + lasting.length}`];
  }
  return counts;
}

export const allPods = (count: string): Record<string, string[]> => ({
  client: [count],
  'echo-v1': [count],
  'echo-v2': [count],
});

/** Version of the istiod that runs, from its image. */
export async function istiodVersion({ kubectl }: Lab): Promise<string> {
  const image = await kubectl.do(
    'get deployment istiod -n istio-system -o jsonpath={.spec.template.spec.containers[0].image}',
  );
  return image.slice(image.lastIndexOf(':') + 1);
}

/** Kills the worker as a crash would; the launcher starts another. */
export async function killWorker({ home, launch }: LabPlatform): Promise<void> {
  const before = launch.output().match(/worker was ended by SIGKILL/g)?.length ?? 0;
  process.kill(processesOf(home).find(({ name }) => name === 'worker')!.pid, 'SIGKILL');
  await expect
    .poll(() => launch.output().match(/worker was ended by SIGKILL/g)?.length ?? 0)
    .toBe(before + 1);
}

/** Kills the agent's process in its pod as a crash would; the kubelet starts another. */
export async function killAgent({ kubectl, command }: Lab): Promise<void> {
  const restarts = async () => {
    const text = await kubectl.do(
      'get pods -n ambit-system -o jsonpath={.items[*].status.containerStatuses[*].restartCount}',
    );
    return text.split(' ').reduce((sum, each) => sum + Number(each), 0);
  };
  const before = await restarts();
  await command(['exec', '--', 'pkill', '-KILL', '-f', '/app/agent.mjs']);
  await expect.poll(restarts, { timeout: 60_000 }).toBeGreaterThan(before);
}

/** Every object that carries a label of a mesh of Ambit, of whatever kind. */
export const objectsOfMeshes = ({ kubectl }: Lab): Promise<string[]> =>
  kubectl.labelled('ambit.dev/bundle');
