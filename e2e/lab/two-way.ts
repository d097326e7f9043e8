import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@ambit/client/sdk';
import { must, type KubeObject } from '@ambit/run/testing/kubectl';
import type { Page } from '@playwright/test';
import { expect, type Lab } from '../support/lab.ts';
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
  lab: Lab,
  page: Page,
  meshes: MeshPages,
  mesh: string,
  yaml: string,
): Promise<void> {
  const read = async (): Promise<Live> =>
    JSON.parse(
      await lab.kubectl.do('get destinationrule echo -n shop -o json --show-managed-fields'),
    ) as Live;
  await lab.kubectl.do('apply --server-side --field-manager=argocd-controller -f -', yaml);
  const before = await read();
  await meshes.open(mesh, 'Policies');
  const row = page.getByRole('row').filter({ hasText: 'DestinationRule' });
  await expect(row).toContainText('lab · Argo CD', { timeout: minute });
  await row.getByRole('link', { name: 'echo' }).first().click();
  await expect(page.getByRole('list', { name: 'What this means' })).toContainText(
    'Argo CD applied DestinationRule shop/echo directly in lab.',
  );
  await page.getByRole('button', { name: 'Adopt' }).click();
  const dialog = page.getByRole('dialog', { name: 'Adopt DestinationRule echo?' });
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
export async function waitAtTheMesh(client: Client, lab: Lab, mesh: string): Promise<void> {
  const meshId = (await client.mesh.list({})).items.find(({ name }) => name === mesh)!.id;
  const file = join(tmpdir(), `ambit-two-way-${process.pid}.json`);
  const kubeconfig = await client.mesh.kubeconfig({ meshId, credential: 'inline' });
  await writeFile(file, JSON.stringify(kubeconfig), { mode: 0o600 });
  const kubectl = (args: string, input = '') =>
    must('kubectl', args.split(' '), { env: { ...lab.userEnv, KUBECONFIG: file }, input });
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
