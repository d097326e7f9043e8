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
import { EnrolmentPage } from '../pages/enrolment.ts';
import { SignInPage } from '../pages/sign-in.ts';
import { WaypointsPage } from '../pages/waypoints.ts';
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

/** A service that fails is red in the graph of the mesh, and in the table that says the same. */
async function seeInTheGraph(page: Page, meshId: string): Promise<void> {
  await page.goto(`/meshes/${meshId}/topology?show=table`);
  const edge = page.getByRole('row', { name: /checkout.*payment/ });
  await expect(edge).toContainText('failure', { timeout: 120_000 });
  await expectAccessible(page);
  await page.goto(`/meshes/${meshId}/topology`);
  // Until the graph has come nothing is found in it.
  await expect(async () => {
    await page.getByLabel('Find in the graph').fill('payment');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('complementary', { name: 'Details' })).toContainText('payment', {
      timeout: 5_000,
    });
  }).toPass({ timeout: 60_000 });
  await expectAccessible(page);
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
  await seeInTheGraph(page, meshId);
  await page.goto(`/clusters/${clusterId}`);
  await broken.getByRole('button', { name: 'Mend shop/payment' }).click();
  await expect(panel.getByText('Nothing is broken.')).toBeVisible();
}

/** The shop is taken to L4, then to L7 with its waypoint and guards; what is true is shown beside what is wanted. */
async function enrol(page: Page, meshId: string): Promise<void> {
  const enrolment = new EnrolmentPage(page, meshId);
  await enrolment.open();
  await expect(page.getByText(/^0 of \d+ pods in the mesh/)).toBeVisible();
  await enrolment.change('shop', /^L4 \(ambient\)/, 'Change to L4');
  await enrolment.open();
  await expect(enrolment.row('shop')).toContainText('As wanted');
  await expectAccessible(page);
  await new WaypointsPage(page, meshId).create('shop', 'waypoint');
  await enrolment.open();
  await enrolment.change('shop', /^L4\+L7/, 'Change to L4+L7');
  await enrolment.open('?level=service');
  await expect(enrolment.row('cart').locator('[data-status="L4+L7"]')).toHaveCount(2);
  await page.goto(`/meshes/${meshId}/enrolment/path?from=shop/visitors&to=shop/cart`);
  const hops = page.getByRole('list', { name: 'Hops' });
  await expect(hops.getByRole('heading', { level: 3 })).toHaveText([
    'Client',
    'ztunnel of the client’s node',
    'Waypoint waypoint',
    'ztunnel of the server’s node',
    'Server',
  ]);
  await expectAccessible(page);
}

/** A pod that the CNI missed looks enrolled and is not: it is a finding, and its evidence names the repair. */
async function missAndRepair(
  page: Page,
  client: ReturnType<typeof createClient>,
  clusterId: string,
  meshId: string,
): Promise<void> {
  const enrolment = new EnrolmentPage(page, meshId);
  const { pods } = await client.enrolment.get({
    meshId,
    clusterId,
    level: 'service',
    namespace: 'shop',
    name: 'cart',
  });
  const target = `shop/${pods[0]!.name}`;
  await client.sandbox.inject({ clusterId, kind: 'miss-pod', target });
  await expect
    .poll(
      async () =>
        (await client.finding.list({ meshId })).items
          .filter(({ code }) => code === 'AMB0040')
          .map(({ resource }) => resource),
      { timeout: 120_000 },
    )
    .toEqual([`Pod ${target}`]);
  const dialog = await enrolment.evidence('cart');
  await expect(dialog).toContainText('missing: istio-cni has not redirected it');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Repair: restart the pod' }).click();
  await enrolment.succeeded();
  await expect
    .poll(async () => (await client.enrolment.list({ meshId, level: 'workload' })).pods.differs)
    .toBe(0);
}

/** A certificate of an ingress that has expired is a finding, stands beside the mesh's own CA, and is over when undone. */
async function expireAndUndo(
  page: Page,
  client: ReturnType<typeof createClient>,
  clusterId: string,
  meshId: string,
): Promise<void> {
  const found = async () =>
    (await client.finding.list({ meshId, code: 'AMB0022' })).items.map(({ resource }) => resource);
  await client.sandbox.inject({ clusterId, kind: 'expire-ingress' });
  await expect.poll(found, { timeout: 120_000 }).toEqual(['Secret shop/ingress-tls']);
  await page.goto(`/clusters/${clusterId}`);
  const certificates = page.getByRole('region', { name: 'Certificates' });
  await expect(certificates.getByRole('row', { name: /Gateway shop\/ingress/ })).toContainText(
    'Expired',
  );
  await expect(certificates.getByRole('row', { name: /CA of the mesh/ })).toContainText('Valid');
  await expectAccessible(page);
  const panel = page.getByRole('region', { name: 'Sandbox' });
  await panel.getByRole('button', { name: 'Undo shop/ingress' }).click();
  await expect(panel.getByText('Nothing is broken.')).toBeVisible();
  await expect.poll(found, { timeout: 120_000 }).toEqual([]);
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
  test.setTimeout(600_000);
  const first = await start();
  expect(first.launch.output()).toContain('cluster "sandbox", simulated');
  const sandbox = async (client: typeof first.client) =>
    (await client.cluster.list({ name: 'sandbox' })).items[0];
  await expect
    .poll(async () => (await sandbox(first.client))?.state, { timeout: 120_000 })
    .toBe('connected');
  // Its first report follows a moment after it has joined.
  await expect
    .poll(async () => (await sandbox(first.client))?.kubernetesVersion, { timeout: 120_000 })
    .toBe('v1.34.0+ambit-sandbox');
  const cluster = (await sandbox(first.client))!;

  const { mesh, operation } = await first.client.mesh.create({
    name: 'demo',
    profile: 'ambient',
    clusterIds: [cluster.id],
  });
  expect(mesh.release).toMatch(/-sandbox$/);
  await ended(first.client, operation.id);

  const admin = readAdmin(home);
  const context = await browser.newContext({ baseURL: admin.url });
  const page = await context.newPage();
  await new SignInPage(page).signIn(admin.email, admin.password);
  await takeKubeconfig(page, mesh.id);
  await enrol(page, mesh.id);
  await breakAndMend(page, cluster.id, mesh.id);
  const faults = await first.client.audit.list({ action: 'sandbox.inject' });
  expect(faults.items.map(({ door, outcome }) => `${door} ${outcome}`)).toEqual([
    'console done',
    'console done',
  ]);

  await missAndRepair(page, first.client, cluster.id, mesh.id);
  await expireAndUndo(page, first.client, cluster.id, mesh.id);
  await new WaypointsPage(page, mesh.id).release('shop', 'waypoint', 'cart');
  await context.close();
  await adopted(first.client, mesh.id);
  expect(await endLaunch(first.launch)).toBe(0);

  const second = await start();
  await expect
    .poll(async () => (await second.client.mesh.get({ meshId: mesh.id })).status, {
      timeout: 120_000,
    })
    .toBe('Ready');
  const removal = await second.client.mesh.delete({ meshId: mesh.id, confirm: 'demo' });
  await ended(second.client, removal.operation.id);

  async function ended(client: typeof first.client, operationId: string): Promise<void> {
    await expect
      .poll(async () => (await client.operation.get({ operationId })).state, { timeout: 120_000 })
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
