import type { Client } from '@ambit/client/sdk';
import type { KubeObject } from '@ambit/run/testing/kubectl';
import { expect, type PlaywrightTestArgs, type TestType } from '@playwright/test';
import { ClustersPage } from '../pages/clusters.ts';
import { MeshPages, type OperationPage } from '../pages/meshes.ts';
import { SignInPage } from '../pages/sign-in.ts';
import type { Ground } from '../support/ground.ts';
import { killWorker } from '../support/kill-worker.ts';
import { policiesFor } from '../support/policies.ts';
import { countPods, type Pod } from '../support/pods.ts';
import type { Counts } from '../support/traffic.ts';
import { adoptDirectObject, waitAtTheMesh } from './two-way.ts';

const minute = 60_000;
const mesh = 'shop-mesh';

type GroundTest = TestType<PlaywrightTestArgs & { client: Client }, { ground: Ground }>;

/** Shares of all requests, 0 to 1, by what answered them. */
function shares(counts: Counts): Record<string, number> {
  const total = Object.values(counts).reduce((sum, each) => sum + each, 0);
  return Object.fromEntries(Object.entries(counts).map(([key, each]) => [key, each / total]));
}

const versionsOnly = (counts: Counts): boolean =>
  Object.keys(counts).length > 0 && Object.keys(counts).every((key) => /^v[12]$/.test(key));

const stepBegan = (client: Client, { id }: OperationPage, name: string) =>
  expect
    .poll(
      async () => {
        const { steps } = await client.operation.get({ operationId: id });
        return steps.find((step) => step.name === name)?.state;
      },
      { timeout: 3 * minute, intervals: [100] },
    )
    .not.toMatch(/pending/);

/** The whole life of a mesh in the browser. The same on the sandbox and on real Kubernetes with real Istio. */
export function lifecycleJourney(test: unknown): void {
  (test as GroundTest)(
    'a mesh is created, used, upgraded, rolled back and deleted from the browser',
    async ({ page, client, ground }) => {
      const { kind, namespace, service, platform } = ground;
      const journey = test as GroundTest;
      if (kind === 'sandbox') journey.setTimeout(10 * minute);
      const [first, second, broken] = ground.releases;
      const cluster = kind === 'lab' ? 'lab' : 'my-cluster';
      const meshes = new MeshPages(page);
      const { subsets, split, refuseAll } = policiesFor(service);
      const pods = async (of: string) => countPods(await ground.list<Pod>('pods', of));
      const istiodVersion = async (): Promise<string> => {
        const found = await ground.list<Deployment>('deployments.apps', 'istio-system');
        const istiod = found.find(({ metadata }) => metadata.name === 'istiod');
        const image = istiod?.spec.template.spec.containers[0]?.image ?? '';
        return image.slice(image.lastIndexOf(':') + 1);
      };
      const objectsOfMeshes = () => ground.labelled('ambit.dev/bundle');
      const { step } = journey;
      await ground.prepare();
      const workloads = Object.keys(await pods(namespace)).toSorted();

      await step('sign in', () => new SignInPage(page).signIn(platform.email, platform.password));

      await step(
        'join the cluster with the command that is shown; the dialog turns green',
        async () => {
          const clusters = new ClustersPage(page);
          await clusters.open();
          const { dialog, command } = await clusters.join(cluster);
          await ground.join(command);
          await expect(dialog.getByRole('status')).toContainText(`${cluster} is connected`, {
            timeout: 2 * minute,
          });
          // It connects a moment before the kubelet's next probe finds it ready.
          await expect
            .poll(async () => Object.values(await pods('ambit-system')).flat())
            .toEqual(['1/1']);
        },
      );

      await step('create a mesh and watch its steps to Ready', async () => {
        const operation = await meshes.create({ name: mesh, release: first, cluster });
        await operation.ends('Succeeded', 5 * minute);
        expect(await istiodVersion()).toBe(first);
        expect((await pods('istio-system'))['istiod']).toEqual(['1/1']);
        await meshes.open(mesh, 'Overview');
        await expect(
          page.getByRole('main').getByText('Ready', { exact: true }).first(),
        ).toBeVisible();
      });

      await step('enrol a namespace: every pod gets a sidecar and is 2/2', async () => {
        expect(new Set(Object.values(await pods(namespace)).flat())).toEqual(new Set(['1/1']));
        const operation = await meshes.enrol(mesh, namespace);
        await operation.ends('Succeeded', 4 * minute);
        const enrolled = await pods(namespace);
        expect(Object.keys(enrolled).toSorted()).toEqual(workloads);
        expect(new Set(Object.values(enrolled).flat())).toEqual(new Set(['2/2']));
        const even = shares(await ground.traffic(200));
        expect(even['v1']).toBeGreaterThan(0.3);
        expect(even['v2']).toBeGreaterThan(0.3);
      });

      await step(
        'a DestinationRule that Argo CD applied in the cluster is shown as its, and adopted in place',
        () => adoptDirectObject(ground, page, meshes, { mesh, cluster }, subsets),
      );

      const { userEnv } = ground;
      if (userEnv) {
        await step(
          'kubectl waits at the mesh for the status that istiod writes in the cluster',
          () => waitAtTheMesh(client, { userEnv }, mesh),
        );
      }

      await step('a VirtualService written in the console splits 90 to 10', async () => {
        await meshes.storePolicy(mesh, split(90));
        const istioObjects = async () =>
          [
            ...(await ground.list('virtualservices.networking.istio.io', namespace)),
            ...(await ground.list('destinationrules.networking.istio.io', namespace)),
          ].map(({ metadata }) => metadata.name);
        await expect.poll(istioObjects, { timeout: minute }).toEqual([service, service]);
        await expect
          .poll(
            async () => {
              const counts = await ground.traffic(400);
              const { v1 = 0 } = shares(counts);
              return versionsOnly(counts) && v1 > 0.8 && v1 < 0.98;
            },
            { timeout: minute },
          )
          .toBe(true);
      });

      const picture = process.env['AMBIT_SCREENSHOT'];
      if (picture && kind === 'lab') {
        const here = page.url();
        await meshes.open(mesh, 'Overview');
        await expect(page.getByRole('heading', { name: 'Conditions' })).toBeVisible();
        await page.screenshot({ path: picture, animations: 'disabled' });
        await page.goto(here);
      }

      await step('changed in the console, it answers every request with 503', async () => {
        await meshes.changePolicy(refuseAll);
        await expect
          .poll(async () => shares(await ground.traffic(50)), { timeout: minute })
          .toEqual({ '503': 1 });
        await meshes.changePolicy(split(90));
        await expect
          .poll(async () => (await ground.traffic(50))['503'] ?? 0, { timeout: minute })
          .toBe(0);
      });

      await step(
        'upgrade to the second release, though worker and agent are killed in the middle',
        async () => {
          const operation = await meshes.upgrade(mesh, second);
          await stepBegan(client, operation, 'apply');
          await killWorker(platform);
          await ground.killAgent();
          await operation.ends('Succeeded', 8 * minute);
          expect(await istiodVersion()).toBe(second);
          expect(versionsOnly(await ground.traffic(200))).toBe(true);
        },
      );

      await step('a broken release rolls back by itself', async () => {
        const operation = await meshes.upgrade(mesh, broken, ground.brokenTimeoutSeconds);
        await operation.ends('Failed', 6 * minute);
        await expect(page.getByRole('main')).toContainText('RolledBack');
        expect(await istiodVersion()).toBe(second);
        await expect
          .poll(async () => (await pods('istio-system'))['istiod'], { timeout: 2 * minute })
          .toEqual(['1/1']);
        expect(versionsOnly(await ground.traffic(200))).toBe(true);
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

      await step(
        'delete: what would lose its proxy is shown, then nothing of Ambit is left',
        async () => {
          expect((await objectsOfMeshes()).length).toBeGreaterThan(20);
          await ground.applyDirectly(ofSomeoneElse, 'someone-else');
          const dialog = await meshes.askToDelete(mesh);
          await expect(dialog).toContainText(`${workloads.length} workloads would lose the mesh`);
          await dialog.getByLabel(`Type “${mesh}” to confirm`).fill(mesh);
          await dialog.getByRole('button', { name: 'Delete mesh' }).click();
          const operation = await meshes.operation();
          await operation.ends('Succeeded', 5 * minute);
          expect(await objectsOfMeshes()).toEqual([]);
          const kept = await ground.list('configmaps', 'istio-system');
          expect(kept.map(({ metadata }) => metadata.name)).toContain('of-someone-else');
          expect(Object.keys(await pods(namespace)).toSorted()).toEqual(workloads);
          expect((await client.mesh.list({})).items).toEqual([]);
        },
      );

      await step(
        'remove the cluster and uninstall the agent with the command that is shown',
        async () => {
          const { items } = await client.cluster.list({ name: cluster });
          const { uninstallCommand } = await client.cluster.leave({ clusterId: items[0]!.id });
          await ground.leave(uninstallCommand);
          await expect
            .poll(() => ground.labelled('ambit.dev/install'), { timeout: minute })
            .toEqual([]);
          expect(await ground.list('pods', 'ambit-system')).toEqual([]);
        },
      );
    },
  );
}

interface Deployment extends KubeObject {
  spec: { template: { spec: { containers: { image: string }[] } } };
}

const ofSomeoneElse = `apiVersion: v1
kind: ConfigMap
metadata: { name: of-someone-else, namespace: istio-system }
`;
