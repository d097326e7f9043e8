import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@ambit/client/sdk';
import { must, type KubeObject } from '@ambit/run/testing/kubectl';
import { expect, type Page } from '@playwright/test';
import type { Lab } from '@ambit/run/testing/lab';
import type { Ground } from '../support/ground.ts';
import type { MeshPages } from '../pages/meshes.ts';

const minute = 60_000;

interface Live extends KubeObject {
  metadata: KubeObject['metadata'] & {
    uid: string;
    managedFields: { manager: string; subresource?: string }[];
  };
}

/** What others applied in the cluster is shown with its origin; adopted, it is the very same object under Ambit. */
export async function adoptDirectObject(
  ground: Ground,
  page: Page,
  meshes: MeshPages,
  names: { mesh: string; cluster: string },
  yaml: string,
): Promise<void> {
  const { service, namespace } = ground;
  const read = async (): Promise<Live> => {
    const rules = await ground.list<Live>('destinationrules.networking.istio.io', namespace);
    return rules.find(({ metadata }) => metadata.name === service)!;
  };
  await ground.applyDirectly(yaml, 'argocd-controller');
  const before = await read();
  await meshes.open(names.mesh, 'Policies');
  const row = page.getByRole('row').filter({ hasText: 'DestinationRule' });
  await expect(row).toContainText(`${names.cluster} · Argo CD`, { timeout: minute });
  await row.getByRole('link', { name: service }).first().click();
  await expect(page.getByRole('list', { name: 'What this means' })).toContainText(
    `Argo CD applied DestinationRule ${namespace}/${service} directly in ${names.cluster}.`,
  );
  await page.getByRole('button', { name: 'Adopt' }).click();
  const dialog = page.getByRole('dialog', { name: `Adopt DestinationRule ${service}?` });
  await dialog.getByRole('button', { name: 'Adopt' }).click();
  await expect(page).toHaveURL(/\/policies\/pol_/);
  await expect
    .poll(
      async () =>
        (await read()).metadata.managedFields
          .filter(({ subresource }) => !subresource)
          .map(({ manager }) => manager),
      { timeout: minute },
    )
    .toEqual(['ambit-agent']);
  expect((await read()).metadata.uid).toBe(before.metadata.uid);
}

const gateway = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: front
  namespace: shop
  annotations: { networking.istio.io/service-type: ClusterIP }
spec:
  gatewayClassName: istio
  listeners:
    - { name: http, port: 80, protocol: HTTP }
`;

/** kubectl at the mesh's own API waits for what the real istiod says of a Gateway in the cluster. */
export async function waitAtTheMesh(
  client: Client,
  { userEnv }: Pick<Lab, 'userEnv'>,
  mesh: string,
): Promise<void> {
  const meshId = (await client.mesh.list({})).items.find(({ name }) => name === mesh)!.id;
  const file = join(tmpdir(), `ambit-two-way-${process.pid}.json`);
  const kubeconfig = await client.mesh.kubeconfig({ meshId, credential: 'inline' });
  await writeFile(file, JSON.stringify(kubeconfig), { mode: 0o600 });
  const kubectl = (args: string, input = '') =>
    must('kubectl', args.split(' '), { env: { ...userEnv, KUBECONFIG: file }, input });
  try {
    await kubectl('apply -f -', gateway);
    const front = 'gateways.gateway.networking.k8s.io/front -n shop';
    await kubectl(`wait --for=condition=Programmed --timeout=120s ${front}`);
    const address = await kubectl(`get ${front} -o jsonpath={.status.addresses[0].value}`);
    expect(address).toBe('front-istio.shop.svc.cluster.local');
    await kubectl(`delete ${front}`);
  } finally {
    await rm(file, { force: true });
  }
}
