import type { Client } from '@ambit/client/sdk';
import { expect, test } from '../support/lab.ts';
import { must } from '@ambit/run/testing/kubectl';
import { traffic } from '../support/traffic.ts';
import { ClustersPage } from '../pages/clusters.ts';
import { MeshPages, type OperationPage } from '../pages/meshes.ts';
import { SignInPage } from '../pages/sign-in.ts';
import {
  allPods,
  installSample,
  istiodVersion,
  killAgent,
  killWorker,
  objectsOfMeshes,
  podsOf,
} from './cluster.ts';
import { refuseAll, split, subsets } from './policies.ts';
import { adoptDirectObject, waitAtTheMesh } from './two-way.ts';

const minute = 60_000;
const cluster = 'lab';
const mesh = 'shop-mesh';

const stepIs = (client: Client, operation: OperationPage, names: string[]) =>
  expect
    .poll(
      async () => {
        const { steps } = await client.operation.get({ operationId: operation.id });
        return steps.filter(({ state }) => state === 'running').map(({ name }) => name);
      },
      { timeout: 3 * minute, intervals: [100] },
    )
    .toEqual(expect.arrayContaining(names));

test('a mesh is created, used, upgraded, rolled back and deleted from the browser', async ({
  page,
  client,
  lab,
  labPlatform,
}) => {
  const [first, second, broken] = lab.releases.map(({ version }) => version) as [
    string,
    string,
    string,
  ];
  const meshes = new MeshPages(page);
  const counts = (requests: number) => traffic(lab.kubectl, requests);
  await installSample(lab);

  await test.step('sign in', () =>
    new SignInPage(page).signIn(labPlatform.email, labPlatform.password));

  await test.step('join the cluster with the command that is shown; the dialog turns green', async () => {
    const clusters = new ClustersPage(page);
    await clusters.open();
    const { dialog, command } = await clusters.join(cluster);
    await must('sh', ['-c', command], { env: lab.userEnv });
    await expect(dialog.getByRole('status')).toContainText(`${cluster} is connected`, {
      timeout: 2 * minute,
    });
    // It connects a moment before the kubelet's next probe finds it ready.
    await expect
      .poll(async () => Object.values(await podsOf(lab, 'ambit-system')).flat())
      .toEqual(['1/1']);
  });

  await test.step('create a mesh and watch its steps to Ready', async () => {
    const operation = await meshes.create({ name: mesh, release: first, cluster });
    await operation.ends('Succeeded', 5 * minute);
    expect(await istiodVersion(lab)).toBe(first);
    const istiod = await podsOf(lab, 'istio-system');
    expect(istiod['istiod']).toEqual(['1/1']);
    await meshes.open(mesh, 'Overview');
    await expect(page.getByRole('main').getByText('Ready', { exact: true }).first()).toBeVisible();
  });

  await test.step('enrol a namespace: every pod gets a sidecar and is 2/2', async () => {
    expect(await podsOf(lab, 'shop')).toEqual(allPods('1/1'));
    const operation = await meshes.enrol(mesh, 'shop');
    await operation.ends('Succeeded', 4 * minute);
    expect(await podsOf(lab, 'shop')).toEqual(allPods('2/2'));
    const even = await counts(200);
    expect(even['v1']).toBeGreaterThan(60);
    expect(even['v2']).toBeGreaterThan(60);
  });

  await test.step('a DestinationRule that Argo CD applied in the cluster is shown as its, and adopted in place', () =>
    adoptDirectObject(lab, page, meshes, mesh, subsets));

  await test.step('kubectl waits at the mesh for the status that istiod writes in the cluster', () =>
    waitAtTheMesh(client, lab, mesh));

  await test.step('a VirtualService written in the console splits 90 to 10', async () => {
    await meshes.storePolicy(mesh, split(90));
    await expect
      .poll(
        async () =>
          (await lab.kubectl.do('get virtualservice,destinationrule -n shop -o name'))
            .trim()
            .split('\n')
            .sort(),
        { timeout: minute },
      )
      .toEqual([
        'destinationrule.networking.istio.io/echo',
        'virtualservice.networking.istio.io/echo',
      ]);
    await expect
      .poll(
        async () => {
          const { v1 = 0, v2 = 0 } = await counts(400);
          return v1 + v2 === 400 && v1 > 320 && v1 < 392;
        },
        { timeout: minute },
      )
      .toBe(true);
  });

  const picture = process.env['AMBIT_SCREENSHOT'];
  if (picture) {
    const here = page.url();
    await meshes.open(mesh, 'Overview');
    await expect(page.getByRole('heading', { name: 'Conditions' })).toBeVisible();
    await page.screenshot({ path: picture, animations: 'disabled' });
    await page.goto(here);
  }

  await test.step('changed in the console, it answers every request with 503', async () => {
    await meshes.changePolicy(refuseAll);
    await expect.poll(() => counts(50), { timeout: minute }).toEqual({ '503': 50 });
    await meshes.changePolicy(split(90));
    await expect.poll(async () => (await counts(50))['503'] ?? 0, { timeout: minute }).toBe(0);
  });

  await test.step('upgrade to the second release, though worker and agent are killed in the middle', async () => {
    const operation = await meshes.upgrade(mesh, second);
    await stepIs(client, operation, ['apply']);
    await killWorker(labPlatform);
    await killAgent(lab);
    await operation.ends('Succeeded', 8 * minute);
    expect(await istiodVersion(lab)).toBe(second);
    const answered = await counts(200);
    expect((answered['v1'] ?? 0) + (answered['v2'] ?? 0)).toBe(200);
  });

  await test.step('a broken release rolls back by itself', async () => {
    const operation = await meshes.upgrade(mesh, broken, 30);
    await operation.ends('Failed', 6 * minute);
    await expect(page.getByRole('main')).toContainText('RolledBack');
    expect(await istiodVersion(lab)).toBe(second);
    await lab.kubectl.do('rollout status deployment/istiod -n istio-system --timeout=120s');
    const answered = await counts(200);
    expect((answered['v1'] ?? 0) + (answered['v2'] ?? 0)).toBe(200);
    await expect
      .poll(
        async () =>
          (await client.mesh.list({})).items.map(({ status, activeRelease }) => [
            status,
            activeRelease,
          ]),
        { timeout: 2 * minute },
      )
      .toEqual([['Ready', second]]);
  });

  await test.step('delete: what would lose its proxy is shown, then nothing of Ambit is left', async () => {
    expect((await objectsOfMeshes(lab)).length).toBeGreaterThan(20);
    await lab.kubectl.do('create configmap of-someone-else -n istio-system');
    const dialog = await meshes.askToDelete(mesh);
    await expect(dialog).toContainText('3 workloads would lose the mesh');
    await dialog.getByLabel(`Type “${mesh}” to confirm`).fill(mesh);
    await dialog.getByRole('button', { name: 'Delete mesh' }).click();
    const operation = await meshes.operation();
    await operation.ends('Succeeded', 5 * minute);
    expect(await objectsOfMeshes(lab)).toEqual([]);
    await lab.kubectl.do('get configmap of-someone-else -n istio-system');
    await lab.kubectl.do('get namespace shop istio-system');
    expect((await client.mesh.list({})).items).toEqual([]);
  });

  await test.step('remove the cluster and uninstall the agent with the command that is shown', async () => {
    const { items } = await client.cluster.list({ name: cluster });
    const { uninstallCommand } = await client.cluster.leave({ clusterId: items[0]!.id });
    await must('sh', ['-c', uninstallCommand], { env: lab.userEnv });
    expect(await lab.kubectl.labelled('ambit.dev/install')).toEqual([]);
    expect(await lab.kubectl.do('get namespace ambit-system --ignore-not-found')).toBe('');
    await lab.kubectl.do('delete namespace shop istio-system --wait=true');
  });
});
