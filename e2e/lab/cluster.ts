import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '@ambit/run/root';
import type { Lab } from '@ambit/run/testing/lab';
import { expect } from '@playwright/test';
import { countPods, type Pod } from '../support/pods.ts';

const sample = readFileSync(join(root, 'infra/lab/manifests/echo.yaml'), 'utf8');

/** Installs the sample application and waits for it. */
export async function installSample({ kubectl }: Lab): Promise<void> {
  await kubectl.do('apply -f -', sample);
  await kubectl.do('wait --for=condition=Available deployment --all -n shop --timeout=120s');
}

export const podsOf = async (
  { kubectl }: Lab,
  namespace: string,
): Promise<Record<string, string[]>> => countPods(await kubectl.get<Pod>(`pods -n ${namespace}`));

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
  await expect.poll(restarts, { timeout: 120_000 }).toBeGreaterThan(before);
}

/** Every object that carries a label of a mesh of Ambit, of whatever kind. */
export const objectsOfMeshes = ({ kubectl }: Lab): Promise<string[]> =>
  kubectl.labelled('ambit.dev/bundle');
