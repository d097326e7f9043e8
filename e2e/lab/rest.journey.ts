import { expect, test, type Lab, type LabPlatform } from '../support/lab.ts';
import { must } from '@ambit/run/testing/kubectl';
import { traffic } from '../support/traffic.ts';
import {
  allPods,
  installSample,
  istiodVersion,
  killAgent,
  objectsOfMeshes,
  podsOf,
} from './cluster.ts';
import { policiesFor } from '../support/policies.ts';
import { killWorker } from '../support/kill-worker.ts';

const minute = 60_000;
const { subsets, split, refuseAll } = policiesFor('echo');

interface Operation {
  id: string;
  state: string;
  reason: string;
  message: string;
  steps: { name: string; state: string }[];
}
interface Mesh {
  id: string;
  version: number;
  status: string;
  activeRelease: string;
  operation: { id: string } | null;
}
interface Policy {
  id: string;
  version: number;
  conditions: { type: string; status: string }[];
}

/** What a script has: an address, a token, and HTTP. */
class Rest {
  readonly url: string;
  readonly token: string;

  constructor({ url, token }: Pick<LabPlatform, 'url' | 'token'>) {
    this.url = url;
    this.token = token;
  }

  async send(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; etag: string | null; body: unknown }> {
    const response = await fetch(`${this.url}/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const etag = response.headers.get('etag');
    return { status: response.status, etag, body: await response.json() };
  }

  /** Sends what must be taken; gives the answer. */
  async do<T>(...args: Parameters<Rest['send']>): Promise<T> {
    const { status, body } = await this.send(...args);
    expect(status, `${args[0]} ${args[1]}: ${JSON.stringify(body)}`).toBeLessThan(300);
    return body as T;
  }

  async ended(operation: Operation, withinMs: number): Promise<Operation> {
    let now = operation;
    await expect
      .poll(
        async () => {
          now = await this.do<Operation>('GET', `/operations/${operation.id}`);
          return ['succeeded', 'failed', 'cancelled'].includes(now.state);
        },
        { timeout: withinMs, intervals: [500], message: `${JSON.stringify(now)}` },
      )
      .toBe(true);
    return now;
  }
}

const succeeded = { state: 'succeeded' };

async function joinCluster(rest: Rest, lab: Lab, name: string): Promise<string> {
  const { cluster, join } = await rest.do<{
    cluster: { id: string };
    join: { commands: { kubectl: string } };
  }>('POST', '/clusters', { name });
  await must('sh', ['-c', join.commands.kubectl], { env: lab.userEnv });
  await expect
    .poll(async () => (await rest.do<{ state: string }>('GET', `/clusters/${cluster.id}`)).state, {
      timeout: 2 * minute,
    })
    .toBe('connected');
  return cluster.id;
}

test('the same through REST alone, as a script with a token would', async ({
  lab,
  labPlatform,
}) => {
  const rest = new Rest(labPlatform);
  const [first, second, broken] = lab.releases.map(({ version }) => version) as [
    string,
    string,
    string,
  ];
  const counts = (requests: number) => traffic(lab.kubectl, requests);
  let clusterId = '';
  let meshId = '';
  const mesh = () => rest.do<Mesh>('GET', `/meshes/${meshId}`);
  const isReady = () =>
    expect.poll(async () => (await mesh()).status, { timeout: 2 * minute }).toBe('Ready');

  await test.step('join', async () => {
    await installSample(lab);
    clusterId = await joinCluster(rest, lab, 'rest');
  });

  await test.step('create; the same idempotency key creates once', async () => {
    const input = {
      name: 'rest-mesh',
      profile: 'sidecar',
      release: first,
      clusterIds: [clusterId],
    };
    // The agent's first report follows a moment after it has joined.
    await expect
      .poll(async () => rest.do('POST', '/meshes/precheck', input), { timeout: minute })
      .toMatchObject({ allowed: true });
    const key = { 'idempotency-key': 'rest-journey' };
    const made = await rest.do<{ mesh: Mesh; operation: Operation }>('POST', '/meshes', input, key);
    const again = await rest.do<{ mesh: Mesh }>('POST', '/meshes', input, key);
    expect(again.mesh.id).toBe(made.mesh.id);
    meshId = made.mesh.id;
    expect(await rest.ended(made.operation, 5 * minute)).toMatchObject(succeeded);
    await isReady();
    expect(await istiodVersion(lab)).toBe(first);
  });

  await test.step('a cluster of a mesh cannot go into another one', async () => {
    const { status, body } = await rest.send('POST', '/meshes', {
      name: 'second',
      clusterIds: [clusterId],
    });
    expect([409, 422]).toContain(status);
    expect(JSON.stringify(body)).toContain('rest-mesh');
  });

  await test.step('enrol', async () => {
    const { operation } = await rest.do<{ operation: Operation }>(
      'POST',
      `/meshes/${meshId}/enrolment/change`,
      { subjects: [{ clusterId, namespace: 'shop' }], mode: 'sidecar' },
    );
    expect(await rest.ended(operation, 4 * minute)).toMatchObject(succeeded);
    expect(await podsOf(lab, 'shop')).toEqual(allPods('2/2'));
  });

  await test.step('policies: split 90 to 10, then 503, then a version back from the history', async () => {
    const policies = `/meshes/${meshId}/policies`;
    await rest.do('POST', policies, { yaml: `${subsets}---\n${split(90)}` });
    await expect
      .poll(
        async () => {
          const { v1 = 0, v2 = 0 } = await counts(400);
          return v1 + v2 === 400 && v1 > 320 && v1 < 392;
        },
        { timeout: minute },
      )
      .toBe(true);
    const { items } = await rest.do<{ items: Policy[] }>('GET', `${policies}?kind=VirtualService`);
    const route = items[0]!;
    const { etag } = await rest.send('GET', `${policies}/${route.id}`);
    await rest.do('PUT', `${policies}/${route.id}`, { yaml: refuseAll }, { 'if-match': etag! });
    await expect.poll(() => counts(50), { timeout: minute }).toEqual({ '503': 50 });
    const late = await rest.send(
      'PUT',
      `${policies}/${route.id}`,
      { yaml: split(50) },
      { 'if-match': etag! },
    );
    expect(late.status).toBe(412);
    await rest.do('POST', `${policies}/${route.id}/restore`, { version: route.version });
    await expect.poll(async () => (await counts(50))['503'] ?? 0, { timeout: minute }).toBe(0);
    const bad = await rest.send('POST', policies, { yaml: 'kind: [' });
    expect(bad.status).toBe(400);
  });

  await test.step('upgrade, with worker and agent killed in the middle', async () => {
    const now = await rest.send('GET', `/meshes/${meshId}`);
    const { operation } = await rest.do<{ operation: Operation }>(
      'POST',
      `/meshes/${meshId}/upgrade`,
      { release: second },
      { 'if-match': now.etag! },
    );
    await expect
      .poll(
        async () =>
          (await rest.do<Operation>('GET', `/operations/${operation.id}`)).steps.find(
            ({ name }) => name === 'apply',
          )?.state,
        { timeout: 3 * minute, intervals: [100] },
      )
      .toMatch(/running|succeeded/);
    await Promise.all([killWorker(labPlatform), killAgent(lab)]);
    expect(await rest.ended(operation, 8 * minute)).toMatchObject(succeeded);
    expect(await istiodVersion(lab)).toBe(second);
  });

  await test.step('a broken release rolls back by itself', async () => {
    const { version } = await mesh();
    const { operation } = await rest.do<{ operation: Operation }>(
      'POST',
      `/meshes/${meshId}/upgrade`,
      { release: broken, readyTimeoutSeconds: 30 },
      { 'if-match': `"${version}"` },
    );
    expect(await rest.ended(operation, 6 * minute)).toMatchObject({
      state: 'failed',
      reason: 'RolledBack',
    });
    expect(await istiodVersion(lab)).toBe(second);
    await isReady();
    expect((await mesh()).activeRelease).toBe(second);
  });

  await test.step('delete needs the name, and leaves nothing', async () => {
    const refused = await rest.send('DELETE', `/meshes/${meshId}`);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(refused.body)).toContain('confirm');
    const { operation } = await rest.do<{ operation: Operation }>(
      'DELETE',
      `/meshes/${meshId}?confirm=rest-mesh`,
    );
    expect(await rest.ended(operation, 5 * minute)).toMatchObject(succeeded);
    expect(await objectsOfMeshes(lab)).toEqual([]);
    const left = await rest.do<{ uninstallCommand: string }>('DELETE', `/clusters/${clusterId}`);
    await must('sh', ['-c', left.uninstallCommand], { env: lab.userEnv });
    expect(await lab.kubectl.labelled('ambit.dev/install')).toEqual([]);
    await lab.kubectl.do('delete namespace shop istio-system --wait=true');
  });
});
