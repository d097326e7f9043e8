import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@ambit/client/sdk';
import {
  endLaunch,
  launchPlatform,
  newHome,
  readAdmin,
  type Launch,
} from '@ambit/run/testing/launcher';
import type { Page } from '@playwright/test';
import { SignInPage } from '../pages/sign-in.ts';
import { expectAccessible } from '../support/axe.ts';
import { expect, test } from '../support/test.ts';

/** A kubeconfig with a token of its own, made in the console, reaches one namespace of the mesh and no other. */
async function takeKubeconfig(page: Page, meshId: string): Promise<void> {
  await page.goto(`/meshes/${meshId}`);
  await page.getByRole('button', { name: 'Use kubectl' }).click();
  const dialog = page.getByRole('dialog', { name: 'Use kubectl with demo' });
  await dialog.getByLabel('In namespaces').fill('shop');
  await dialog.getByRole('button', { name: 'Put a token in' }).click();
  await expect(dialog.getByText('Copy or download it now')).toBeVisible();
  await expectAccessible(page);
  const text = await dialog.getByLabel('kubeconfig', { exact: true }).innerText();
  const server = new URL(/"server":\s*"([^"]+)"/.exec(text)![1]!);
  const status = async (namespace: string): Promise<number> => {
    const path = `/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices`;
    const answer = await fetch(`${server.origin}${server.pathname}${path}`, {
      headers: { authorization: `Bearer ${server.password}` },
    });
    return answer.status;
  };
  expect([await status('shop'), await status('default')]).toEqual([200, 403]);
}

/** The panel of the sandbox: a service fails on purpose, and is mended. */
async function breakAndMend(page: Page, clusterId: string, meshId: string): Promise<void> {
  await page.goto(`/meshes/${meshId}`);
  await expect(page.getByText('The cluster of this mesh is simulated')).toBeVisible();
  await page.getByRole('link', { name: 'Break something' }).click();
  await expect(page).toHaveURL(new RegExp(clusterId));
  await expect(page.getByText('This cluster is simulated')).toBeVisible();
  const panel = page.getByRole('region', { name: 'Sandbox' });
  await expect(panel.getByText('Nothing is broken.')).toBeVisible();
  await panel.getByLabel('Service', { exact: true }).selectOption('shop/payment');
  await panel.getByRole('button', { name: 'Let it fail' }).click();
  const broken = panel.getByRole('list', { name: 'Broken now' });
  await expect(broken).toContainText('service shop/payment fails half of its requests');
  await expectAccessible(page);
  await broken.getByRole('button', { name: 'Mend shop/payment' }).click();
  await expect(panel.getByText('Nothing is broken.')).toBeVisible();
}

let home: string;
const launches: Launch[] = [];
const start = async () => {
  const launch = launchPlatform({ AMBIT_HOME: home, AMBIT_PORT: '0', AMBIT_SANDBOX: 'on' });
  launches.push(launch);
  await launch.ready;
  return { launch, client: createClient(readAdmin(home)) };
};

test.beforeAll(() => {
  home = newHome();
});
test.afterAll(async () => {
  await Promise.all(launches.map(endLaunch));
  rmSync(home, { recursive: true, force: true });
});

test('a newcomer has a simulated cluster, makes a mesh on it, breaks things in it, and finds it again after a restart', async ({
  browser,
}) => {
  test.setTimeout(360_000);
  const first = await start();
  expect(first.launch.output()).toContain('cluster "sandbox", simulated');
  const sandbox = async (client: typeof first.client) =>
    (await client.cluster.list({ name: 'sandbox' })).items[0];
  await expect
    .poll(async () => (await sandbox(first.client))?.state, { timeout: 30_000 })
    .toBe('connected');
  // Its first report follows a moment after it has joined.
  await expect
    .poll(async () => (await sandbox(first.client))?.kubernetesVersion, { timeout: 30_000 })
    .toBe('v1.34.0+ambit-sandbox');
  const cluster = (await sandbox(first.client))!;

  const { mesh, operation } = await first.client.mesh.create({
    name: 'demo',
    profile: 'ambient',
    clusterIds: [cluster.id],
  });
  expect(mesh.release).toMatch(/-sandbox$/);
  await ended(first.client, operation.id);
  const enrolment = await first.client.mesh.enrol({
    meshId: mesh.id,
    clusterId: cluster.id,
    namespace: 'shop',
    mode: 'L4',
  });
  await ended(first.client, enrolment.operation.id);

  const admin = readAdmin(home);
  const context = await browser.newContext({ baseURL: admin.url });
  const page = await context.newPage();
  await new SignInPage(page).signIn(admin.email, admin.password);
  await takeKubeconfig(page, mesh.id);
  await breakAndMend(page, cluster.id, mesh.id);
  await context.close();
  const faults = await first.client.audit.list({ action: 'sandbox.inject' });
  expect(faults.items.map(({ door, outcome }) => `${door} ${outcome}`)).toEqual([
    'console done',
    'console done',
  ]);

  await adopted(first.client, mesh.id);
  expect(await endLaunch(first.launch)).toBe(0);

  const second = await start();
  await expect
    .poll(async () => (await second.client.mesh.get({ meshId: mesh.id })).status, {
      timeout: 60_000,
    })
    .toBe('Ready');
  const removal = await second.client.mesh.delete({ meshId: mesh.id, confirm: 'demo' });
  await ended(second.client, removal.operation.id);

  async function ended(client: typeof first.client, operationId: string): Promise<void> {
    await expect
      .poll(async () => (await client.operation.get({ operationId })).state, { timeout: 60_000 })
      .not.toMatch(/pending|running/);
    const { state, message } = await client.operation.get({ operationId });
    expect(state, message).toBe('succeeded');
  }
});

/** What others apply in the cluster is shown with who did it, and adopted as the very object it is. */
async function adopted(client: ReturnType<typeof createClient>, meshId: string): Promise<void> {
  const kubeconfig = readFileSync(join(home, 'sandbox', 'kubeconfig'), 'utf8');
  const server = /"server": "([^"]+)"/.exec(kubeconfig)![1]!;
  const path = '/apis/networking.istio.io/v1/namespaces/shop/destinationrules/direct';
  const cluster = async (init?: RequestInit) =>
    (await (await fetch(`${server}${path}?fieldManager=argocd-controller`, init)).json()) as {
      metadata: { uid: string; managedFields: { manager: string }[] };
    };
  const before = await cluster({
    method: 'PATCH',
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body: JSON.stringify({
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'direct', namespace: 'shop' },
      spec: { host: 'direct' },
    }),
  });
  const found = async () =>
    (await client.direct.list({ meshId })).items.find(({ name }) => name === 'direct');
  await expect.poll(async () => (await found())?.writer?.tool).toBe('argocd');
  const { policy } = await client.direct.adopt({ meshId, objectId: (await found())!.id });
  await expect.poll(async () => (await found()) === undefined).toBe(true);
  const after = await cluster();
  expect(after.metadata.uid).toBe(before.metadata.uid);
  expect(after.metadata.managedFields.map(({ manager }) => manager)).toEqual(['ambit-agent']);
  await client.policy.delete({ meshId, policyId: policy.id });
}
