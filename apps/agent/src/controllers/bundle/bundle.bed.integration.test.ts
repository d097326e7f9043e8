import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { DesiredState } from '@ambit/contracts/agent/protocol';
import type { KubeObject, ObjectRef } from '@ambit/contracts/common';
import { isStatus, type KubeClient } from '../../kube/client.ts';
import { applyObject, mergePatch, readObject, type Cluster } from '../../kube/objects.ts';
import { makeResources, pathOfObject } from '../../kube/resources.ts';
import { metadataOnly } from '../../kube/watch.ts';
import {
  bundleOf,
  configMap,
  custom,
  definition,
  deployment,
  digestOf,
  namespaceObject,
} from '../../testing/bundles.ts';
import { bedBinaries, bedMissing, startKubeBed, type KubeBed } from '../../testing/kube-bed.ts';
import { applySetId, bundleLabel, keyOf, parentName, partOfLabel, refOf } from './applyset.ts';
import { startBundles, type BundleManager } from './manager.ts';

const binaries = bedBinaries();
if (!binaries) console.warn(bedMissing);

const agentNamespace = 'ambit-system';
const signal = new AbortController().signal;
let bed: KubeBed;
let cluster: Cluster;
const started: BundleManager[] = [];

beforeAll(async () => {
  if (!binaries) return;
  bed = await startKubeBed(binaries);
  cluster = { client: bed.admin, resources: makeResources(bed.admin) };
  await make(namespaceObject(agentNamespace));
});
afterEach(() => Promise.all(started.splice(0).map((manager) => manager.stop())));
afterAll(() => bed?.stop());

const make = (object: KubeObject, manager = 'somebody') =>
  applyObject(cluster, object, { manager, force: true }, signal);
const read = (ref: ObjectRef) => readObject(cluster, ref, signal);
const exists = async (object: KubeObject) => (await read(refOf(object))) !== null;

let spaces = 0;
async function newNamespace(): Promise<string> {
  const name = `space-${++spaces}`;
  await make(namespaceObject(name));
  return name;
}

interface Agent {
  manager: BundleManager;
  logs: string[];
  wanted: Map<string, string>;
  /** Makes these bundles the desired ones, in order. */
  want(...bundles: (Bundle | [Bundle, Partial<DesiredState['bundles'][0]>])[]): Promise<void>;
  state(name: string): string | undefined;
  status(name: string): ReturnType<BundleManager['statuses']>[0];
}

function startAgent(timing = {}, client = cluster.client): Agent {
  const blobs = new Map<string, Bundle>();
  const logs: string[] = [];
  const wanted = new Map<string, string>();
  const manager = startBundles({
    cluster: { ...cluster, client },
    namespace: agentNamespace,
    pruneCapPercent: 30,
    pollMs: 20,
    load: async (digest) => blobs.get(digest)!,
    log: (bundle, level, text) => logs.push(`${bundle} ${level} ${text}`),
    changed: () => {},
    timing: { firstRetryMs: 50, ...timing },
  });
  started.push(manager);
  const status = (name: string) => manager.statuses().find((one) => one.name === name)!;
  return {
    manager,
    logs,
    wanted,
    status,
    state: (name) => status(name)?.state,
    want: (...bundles) =>
      manager.want(
        bundles.map((entry, order) => {
          const [bundle, more] = Array.isArray(entry) ? entry : [entry, {}];
          const digest = digestOf(bundle);
          blobs.set(digest, bundle);
          wanted.set(bundle.name, digest);
          return { name: bundle.name, digest, order, mode: 'present', drift: 'repair', ...more };
        }),
      ),
  };
}

const until = (check: () => unknown) => vi.waitFor(check, { timeout: 60_000, interval: 20 });
/** The state of what is wanted now, not of what was wanted before. */
const reach = (agent: Agent, name: string, state: string) =>
  until(() => {
    const { digest, message, ...status } = agent.status(name);
    expect([digest, status.state, message]).toEqual([
      agent.wanted.get(name),
      state,
      expect.anything(),
    ]);
  });

/** What a controller manager and a kubelet would do for a Deployment. */
async function rollOut(object: KubeObject, available = 1) {
  const live = (await read(refOf(object)))!;
  const resource = await cluster.resources.of(object.apiVersion, object.kind);
  await bed.admin.request('PATCH', `${pathOfObject(resource, refOf(object))}/status`, {
    contentType: 'application/merge-patch+json',
    body: {
      status: {
        observedGeneration: live.metadata['generation'],
        replicas: 1,
        updatedReplicas: 1,
        readyReplicas: available,
        availableReplicas: available,
      },
    },
  });
}

describe.skipIf(!binaries)('a bundle on a real API server', () => {
  it('is applied in phases, waits for its rollout, and is marked as an ApplySet', async () => {
    const space = await newNamespace();
    const plane = deployment(space, 'plane');
    const last = configMap(space, 'last');
    const bundle = bundleOf('phased', [
      ['crds', [definition('phased.test', 'Widget')], 'established'],
      ['control-plane', [plane], 'rollout'],
      ['extras', [last, custom('phased.test', 'Widget', space, 'one')]],
    ]);
    const agent = startAgent();
    await agent.want(bundle);
    await until(() =>
      expect(agent.status('phased')).toMatchObject({
        state: 'Waiting',
        phase: { name: 'control-plane', index: 2, count: 3 },
      }),
    );
    expect(await exists(last)).toBe(false);
    await rollOut(plane);
    await reach(agent, 'phased', 'Ready');
    expect(agent.status('phased').objects).toEqual({ total: 4, applied: 4, ready: 4 });
    const id = applySetId(parentName('phased'), agentNamespace);
    expect((await read(refOf(last)))!.metadata.labels).toMatchObject({
      [partOfLabel]: id,
      [bundleLabel]: 'phased',
    });
    const parent = await read({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: agentNamespace,
      name: parentName('phased'),
    });
    expect(parent!.metadata).toMatchObject({
      labels: { 'applyset.kubernetes.io/id': id },
      annotations: {
        'applyset.kubernetes.io/contains-group-kinds':
          'ConfigMap,CustomResourceDefinition.apiextensions.k8s.io,Deployment.apps,Widget.phased.test',
        'applyset.kubernetes.io/additional-namespaces': space,
      },
    });
    await rollOut(plane, 0);
    await reach(agent, 'phased', 'Degraded');
    await rollOut(plane);
    await reach(agent, 'phased', 'Ready');
  });

  it('goes on at the phase where an agent that was killed had stopped', async () => {
    const space = await newNamespace();
    const plane = deployment(space, 'plane');
    const first = configMap(space, 'first');
    const last = configMap(space, 'last');
    const bundle = bundleOf('resumed', [
      ['configuration', [first]],
      ['control-plane', [plane], 'rollout'],
      ['extras', [last]],
    ]);
    const killed = startAgent();
    await killed.want(bundle);
    await reach(killed, 'resumed', 'Waiting');
    await killed.manager.stop();
    const version = async () => (await read(refOf(first)))!.metadata['resourceVersion'];
    const before = await version();
    const next = startAgent();
    await next.want(bundle);
    await reach(next, 'resumed', 'Waiting');
    expect(next.logs).toContainEqual('resumed info going on with phase control-plane');
    await rollOut(plane);
    await reach(next, 'resumed', 'Ready');
    expect([await exists(last), await version()]).toEqual([true, before]);
    const third = startAgent();
    await third.want(bundle);
    await reach(third, 'resumed', 'Ready');
    expect(third.logs.join()).not.toContain('applied');
  });

  it('is repaired too in phases that were applied before the agent was killed', async () => {
    const space = await newNamespace();
    const plane = deployment(space, 'plane');
    const first = configMap(space, 'first', { mode: 'strict' });
    const bundle = bundleOf('edited-between', [
      ['configuration', [first]],
      ['control-plane', [plane], 'rollout'],
    ]);
    const killed = startAgent();
    await killed.want(bundle);
    await reach(killed, 'edited-between', 'Waiting');
    await killed.manager.stop();
    await mergePatch(cluster, refOf(first), { data: { mode: 'off' } }, 'kubectl-edit', signal);
    const next = startAgent();
    await next.want(bundle);
    await reach(next, 'edited-between', 'Waiting');
    await rollOut(plane);
    await until(() =>
      expect(next.status('edited-between').drift).toEqual([
        expect.objectContaining({ object: refOf(first), manager: 'kubectl-edit', repaired: true }),
      ]),
    );
    expect(await read(refOf(first))).toMatchObject({ data: { mode: 'strict' } });
  });

  it('is replaced by a newer one in the middle of a wait that would never end', async () => {
    const space = await newNamespace();
    const plane = deployment(space, 'plane', 'app:broken');
    const agent = startAgent();
    await agent.want(bundleOf('replaced', [['control-plane', [plane], 'rollout']]));
    await reach(agent, 'replaced', 'Waiting');
    await agent.want(
      bundleOf('replaced', [['control-plane', [configMap(space, 'instead')], 'rollout']]),
    );
    await reach(agent, 'replaced', 'Ready');
    expect(await exists(plane)).toBe(false);
  });

  it('is applied again when a newer one was broken off, without any help of drift repair', async () => {
    const space = await newNamespace();
    const of = (version: string, image: string) =>
      bundleOf('rolled-back', [
        ['configuration', [configMap(space, 'settings', { version })]],
        ['control-plane', [deployment(space, 'plane', image)], 'rollout'],
      ]);
    const agent = startAgent();
    const want = (bundle: Bundle) => agent.want([bundle, { drift: 'ignore' }]);
    const imageOf = async () =>
      JSON.stringify((await read(refOf(deployment(space, 'plane'))))?.['spec']).match(
        /"image":"([^"]+)"/,
      )?.[1];
    await want(of('1', 'app:1'));
    await reach(agent, 'rolled-back', 'Waiting');
    await rollOut(deployment(space, 'plane'));
    await reach(agent, 'rolled-back', 'Ready');
    await want(of('2', 'app:never'));
    await reach(agent, 'rolled-back', 'Waiting');
    expect(await imageOf()).toBe('app:never');
    await want(of('1', 'app:1'));
    await until(async () => expect(await imageOf()).toBe('app:1'));
    await rollOut(deployment(space, 'plane'));
    await reach(agent, 'rolled-back', 'Ready');
    expect(await read(refOf(configMap(space, 'settings')))).toMatchObject({
      data: { version: '1' },
    });
    expect(agent.logs.join()).not.toContain('changed by');
  });

  it('prunes what left it, but never more than its share at once, and never definitions', async () => {
    const space = await newNamespace();
    const maps = Array.from({ length: 40 }, (_, i) => configMap(space, `map-${i}`));
    const crd = definition('pruned.test', 'Gadget');
    const agent = startAgent();
    const withMaps = (count: number) =>
      bundleOf('pruned', [['configuration', maps.slice(0, count)]]);
    await agent.want(
      bundleOf('pruned', [
        ['crds', [crd], 'established'],
        ['configuration', maps],
      ]),
    );
    await reach(agent, 'pruned', 'Ready');
    await agent.want(withMaps(30));
    await reach(agent, 'pruned', 'Ready');
    expect([await exists(maps[29]!), await exists(maps[30]!), await exists(crd)]).toEqual([
      true,
      false,
      true,
    ]);
    await agent.want(withMaps(5));
    await reach(agent, 'pruned', 'Failed');
    expect(agent.status('pruned').errors[0]).toMatchObject({
      reason: 'PruneCapped',
      message: expect.stringContaining('25 of 31'),
    });
    expect(await exists(maps[29]!)).toBe(true);
    await agent.want(withMaps(30));
    await reach(agent, 'pruned', 'Ready');
  });

  it('of policies alone may lose all of them', async () => {
    const space = await newNamespace();
    const maps = Array.from({ length: 20 }, (_, i) => configMap(space, `policy-${i}`));
    const agent = startAgent();
    await agent.want(bundleOf('policies', [['policies', maps]]));
    await reach(agent, 'policies', 'Ready');
    await agent.want(bundleOf('policies', [['policies', []]]));
    await until(async () => expect(await exists(maps[0]!)).toBe(false));
  });

  it('of policies lets the others come and go when one is refused', async () => {
    const space = await newNamespace();
    const [a, b] = [configMap(space, 'a'), configMap(space, 'b')];
    const refused = configMap(space, 'Not_A_Name');
    const agent = startAgent();
    await agent.want(bundleOf('mixed', [['policies', [a]]]));
    await reach(agent, 'mixed', 'Ready');
    await agent.want(bundleOf('mixed', [['policies', [refused, b]]]));
    await reach(agent, 'mixed', 'Failed');
    expect(agent.status('mixed').errors).toEqual([
      expect.objectContaining({ reason: 'Invalid', object: refOf(refused) }),
    ]);
    expect([await exists(a), await exists(b)]).toEqual([false, true]);
    await agent.want(bundleOf('mixed', [['policies', [b]]]));
    await reach(agent, 'mixed', 'Ready');
  });

  it('never overwrites what somebody else made, and says who and what', async () => {
    const space = await newNamespace();
    const theirs = configMap(space, 'taken', { by: 'helm' });
    await make(theirs, 'helm');
    const agent = startAgent();
    await agent.want(
      bundleOf('refused', [
        ['configuration', [configMap(space, 'taken', { by: 'ambit' }), configMap(space, 'free')]],
      ]),
    );
    await reach(agent, 'refused', 'Failed');
    expect(agent.status('refused').errors).toEqual([
      expect.objectContaining({
        reason: 'NotOurs',
        object: refOf(theirs),
        message: expect.stringContaining('not made by Ambit'),
      }),
    ]);
    expect(((await read(refOf(theirs))) as { data?: object } | null)?.data).toEqual({ by: 'helm' });
    await bed.admin.request('DELETE', `/api/v1/namespaces/${space}/configmaps/taken`);
    await reach(agent, 'refused', 'Ready');
  });

  it('keeps definitions that others installed, unless they lack a version', async () => {
    const space = await newNamespace();
    const theirs = definition('gateway.test', 'Route', ['v1', 'v1beta1']);
    const old = definition('gateway.test', 'Listener', ['v1beta1']);
    await Promise.all([make(theirs, 'helm'), make(old, 'helm')]);
    const agent = startAgent();
    await agent.want(
      bundleOf('kept', [
        ['crds', [definition('gateway.test', 'Route')], 'established'],
        ['extras', [configMap(space, 'x')]],
      ]),
    );
    await reach(agent, 'kept', 'Ready');
    expect((await read(refOf(theirs)))!.metadata.labels?.[partOfLabel]).toBeUndefined();
    await agent.want(
      bundleOf('kept', [['crds', [definition('gateway.test', 'Listener')], 'established']]),
    );
    await reach(agent, 'kept', 'Failed');
    expect(agent.status('kept').errors[0]).toMatchObject({ reason: 'OldDefinition' });
  });

  it('is repaired when somebody edits or deletes a member, and tells who', async () => {
    const space = await newNamespace();
    const map = configMap(space, 'edited', { mode: 'strict' });
    const agent = startAgent();
    await agent.want(bundleOf('repaired', [['configuration', [map, configMap(space, 'other')]]]));
    await reach(agent, 'repaired', 'Ready');
    await mergePatch(cluster, refOf(map), { data: { mode: 'off' } }, 'kubectl-edit', signal);
    await until(async () =>
      expect(await read(refOf(map))).toMatchObject({ data: { mode: 'strict' } }),
    );
    await until(() =>
      expect(agent.status('repaired').drift[0]).toMatchObject({
        object: refOf(map),
        fields: ['/data/mode'],
        manager: 'kubectl-edit',
        repaired: true,
      }),
    );
    await bed.admin.request('DELETE', `/api/v1/namespaces/${space}/configmaps/edited`);
    await until(async () => expect(await exists(map)).toBe(true));
    await mergePatch(
      cluster,
      refOf(map),
      { metadata: { labels: { [partOfLabel]: null } } },
      'kubectl-label',
      signal,
    );
    await until(async () =>
      expect((await read(refOf(map)))!.metadata.labels?.[partOfLabel]).toBeDefined(),
    );
  });

  it('only tells of drift when it is to warn, and forgets it when it is over', async () => {
    const space = await newNamespace();
    const map = configMap(space, 'watched', { mode: 'strict' });
    const agent = startAgent({ healthEveryMs: 100 });
    await agent.want([bundleOf('warned', [['configuration', [map]]]), { drift: 'warn' }]);
    await reach(agent, 'warned', 'Ready');
    await mergePatch(cluster, refOf(map), { data: { mode: 'off' } }, 'kubectl-edit', signal);
    await reach(agent, 'warned', 'Degraded');
    expect(agent.status('warned').drift[0]).toMatchObject({
      fields: ['/data/mode'],
      repaired: false,
    });
    expect(await read(refOf(map))).toMatchObject({ data: { mode: 'off' } });
    await mergePatch(cluster, refOf(map), { data: { mode: 'strict' } }, 'kubectl-edit', signal);
    await reach(agent, 'warned', 'Ready');
    expect(agent.status('warned').drift).toEqual([]);
  });

  it('is repaired also when somebody edits a member after it was applied, and before its watch began', async () => {
    const space = await newNamespace();
    const map = configMap(space, 'early', { mode: 'strict' });
    let edited = false;
    const client: KubeClient = {
      ...cluster.client,
      request: async (method, path, options) => {
        const applied = agent.logs.some((line) => line.includes('applied as a whole'));
        if (!edited && applied && options?.accept === metadataOnly) {
          edited = true;
          await mergePatch(cluster, refOf(map), { data: { mode: 'off' } }, 'kubectl-edit', signal);
        }
        return cluster.client.request(method, path, options);
      },
    };
    const agent = startAgent({}, client);
    await agent.want(bundleOf('early', [['configuration', [map]]]));
    await until(() =>
      expect(agent.status('early').drift).toEqual([
        expect.objectContaining({ object: refOf(map), manager: 'kubectl-edit', repaired: true }),
      ]),
    );
    expect(await read(refOf(map))).toMatchObject({ data: { mode: 'strict' } });
  });

  it('leaves alone the fields that istiod owns, also when it is applied again', async () => {
    const webhook = (version: string): KubeObject => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'ignored-test', annotations: { version } },
      webhooks: [
        {
          name: 'rev.validation.test',
          clientConfig: { service: { name: 'istiod', namespace: 'nowhere', path: '/validate' } },
          rules: [
            {
              apiGroups: ['nothing.test'],
              apiVersions: ['v1'],
              operations: ['CREATE'],
              resources: ['nothings'],
            },
          ],
          failurePolicy: 'Ignore',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    });
    const ignore = [
      {
        kind: 'ValidatingWebhookConfiguration',
        paths: ['/webhooks/*/clientConfig/caBundle', '/webhooks/*/failurePolicy'],
      },
    ];
    const of = (version: string) =>
      bundleOf('ignored', [['webhooks', [webhook(version)]]], { ignore });
    const agent = startAgent();
    await agent.want(of('1'));
    await reach(agent, 'ignored', 'Ready');
    const live = (await read(refOf(webhook('1')))) as unknown as {
      metadata: object;
      webhooks: { failurePolicy: string; clientConfig: object }[];
    };
    expect(live.webhooks[0]!.failurePolicy).toBe('Ignore');
    const resource = await cluster.resources.of(
      'admissionregistration.k8s.io/v1',
      'ValidatingWebhookConfiguration',
    );
    const caBundle = Buffer.from(
      '-----BEGIN CERTIFICATE-----\nMIIBdjCCAR2gAwIBAgIBATAKBggqhkjOPQQDAjAAMB4=\n-----END CERTIFICATE-----',
    ).toString('base64');
    live.webhooks[0]!.failurePolicy = 'Fail';
    live.webhooks[0]!.clientConfig = { ...live.webhooks[0]!.clientConfig, caBundle };
    await bed.admin
      .request('PUT', pathOfObject(resource, refOf(webhook('1'))), {
        body: live,
        query: { fieldManager: 'pilot-discovery' },
      })
      .catch((error: unknown) => {
        if (!isStatus(error, 422)) throw error;
        // This server checks certificates; the policy alone will do.
        live.webhooks[0]!.clientConfig = {
          ...live.webhooks[0]!.clientConfig,
          caBundle: undefined,
        } as object;
        return bed.admin.request('PUT', pathOfObject(resource, refOf(webhook('1'))), {
          body: live,
          query: { fieldManager: 'pilot-discovery' },
        });
      });
    await agent.want(of('2'));
    await until(async () =>
      expect((await read(refOf(webhook('1'))))!.metadata.annotations).toMatchObject({
        version: '2',
      }),
    );
    await reach(agent, 'ignored', 'Ready');
    const after = (await read(refOf(webhook('1')))) as unknown as typeof live;
    expect(after.webhooks[0]!.failurePolicy).toBe('Fail');
    expect(agent.status('ignored').drift).toEqual([]);
  });

  it('waits until the bundle before it was applied the first time, and is not held up by it later', async () => {
    const space = await newNamespace();
    const plane = deployment(space, 'plane');
    const control = bundleOf('before', [['control-plane', [plane], 'rollout']]);
    const policies = (name: string) => bundleOf('after', [['policies', [configMap(space, name)]]]);
    const agent = startAgent();
    await agent.want(control, policies('p1'));
    await until(() =>
      expect(agent.status('after')).toMatchObject({
        state: 'Pending',
        message: 'waits until before is applied',
      }),
    );
    await until(async () => expect(await exists(plane)).toBe(true));
    await rollOut(plane);
    await reach(agent, 'after', 'Ready');
    await agent.want(
      bundleOf('before', [['control-plane', [deployment(space, 'plane', 'app:never')], 'rollout']]),
      policies('p2'),
    );
    await until(async () => expect(await exists(configMap(space, 'p2'))).toBe(true));
    await reach(agent, 'before', 'Waiting');
  });

  it('that only sets fields labels what exists, gives the labels up again, and makes nothing', async () => {
    const space = await newNamespace();
    const label = (name: string, value = 'enabled') =>
      namespaceObject(name, { 'istio-injection': value });
    const fields = { ownership: 'fields' } as const;
    const agent = startAgent();
    await agent.want(bundleOf('fields', [['namespaces', [label(space)]]], fields));
    await reach(agent, 'fields', 'Ready');
    const labelsOf = async () => (await read(refOf(label(space))))!.metadata.labels;
    expect(await labelsOf()).toMatchObject({ 'istio-injection': 'enabled' });
    expect(
      Object.keys((await labelsOf())!).some(
        (key) => key.startsWith('ambit.dev/') || key === partOfLabel,
      ),
    ).toBe(false);

    await agent.want(bundleOf('fields', [['namespaces', [label('not-there')]]], fields));
    await reach(agent, 'fields', 'Failed');
    expect(agent.status('fields').errors[0]).toMatchObject({ reason: 'NamespaceMissing' });
    expect(await exists(label('not-there'))).toBe(false);

    const theirs = await newNamespace();
    await make(label(theirs, 'disabled'), 'their-gitops');
    await agent.want(bundleOf('fields', [['namespaces', [label(theirs)]]], fields));
    await reach(agent, 'fields', 'Failed');
    expect(agent.status('fields').errors[0]).toMatchObject({
      reason: 'FieldConflict',
      message: expect.stringContaining('their-gitops'),
    });

    await agent.want(bundleOf('fields', [['namespaces', []]], fields));
    await reach(agent, 'fields', 'Ready');
    expect(await labelsOf()).not.toHaveProperty('istio-injection');
    await agent.want(bundleOf('fields', [['namespaces', [label(space)]]], fields));
    await until(async () => expect(await labelsOf()).toHaveProperty('istio-injection'));
    await agent.want([
      bundleOf('fields', [['namespaces', [label(space)]]], fields),
      { mode: 'absent' },
    ]);
    await reach(agent, 'fields', 'Removed');
    expect(await labelsOf()).not.toHaveProperty('istio-injection');
  });

  it('that only sets fields leaves a label that others take away again and again, and says who else writes there', async () => {
    const space = await newNamespace();
    const labelled = namespaceObject(space, { 'istio.io/dataplane-mode': 'ambient' });
    const agent = startAgent();
    await agent.want(bundleOf('enrolment', [['namespaces', [labelled]]], { ownership: 'fields' }));
    await reach(agent, 'enrolment', 'Ready');
    const labels = async () => (await read(refOf(labelled)))!.metadata.labels ?? {};
    const take = (time: number) =>
      mergePatch(
        cluster,
        refOf(labelled),
        {
          metadata: {
            labels: { 'istio.io/dataplane-mode': null },
            annotations: { theirs: String(time) },
          },
        },
        'their-gitops',
        signal,
      );
    for (let time = 0; time < 3; time++) {
      await take(time);
      await until(async () => expect(await labels()).toHaveProperty(['istio.io/dataplane-mode']));
    }
    await take(3);
    await until(async () =>
      expect(agent.status('enrolment')).toMatchObject({
        state: 'Degraded',
        drift: [{ repaired: false, manager: 'their-gitops' }],
      }),
    );
    expect(await labels()).not.toHaveProperty(['istio.io/dataplane-mode']);
  });

  it('is removed to the last object; what others made, their definitions and namespaces stay', async () => {
    const space = await newNamespace();
    const plane = deployment(space, 'istiod', 'pilot:1', { app: 'istiod' });
    const used = definition('used.istio.io', 'Service');
    const unused = definition('unused.istio.io', 'Route');
    const theirs = custom('used.istio.io', 'Service', space, 'theirs');
    const system = namespaceObject('made-by-bundle', { 'ambit.dev/mesh': 'm' });
    const control = bundleOf('control-plane', [
      ['namespaces', [system]],
      ['crds', [used, unused], 'established'],
      ['configuration', [configMap(space, 'istio')]],
      ['control-plane', [plane]],
    ]);
    const policies = bundleOf('user-policies', [
      ['policies', [custom('used.istio.io', 'Service', space, 'ours')]],
    ]);
    const agent = startAgent();
    await agent.want(control, policies);
    await until(async () => expect(await exists(plane)).toBe(true));
    await rollOut(plane);
    await reach(agent, 'user-policies', 'Ready');
    await make(theirs, 'kubectl');
    const leftovers = [
      configMap(space, 'istio-ca-root-cert', { 'root-cert.pem': 'x' }),
      configMap(agentNamespace, 'istio-ca-crl'),
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'istio-ca-secret', namespace: space } },
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'istio-leader', namespace: space },
      },
    ];
    const bystander = configMap(space, 'their-settings');
    await Promise.all([...leftovers, bystander].map((object) => make(object, 'pilot-discovery')));

    await agent.want([control, { mode: 'absent' }], [policies, { mode: 'absent' }]);
    await reach(agent, 'control-plane', 'Removed');
    expect(agent.state('user-policies')).toBe('Removed');
    expect(agent.status('control-plane').errors).toEqual([
      expect.objectContaining({
        reason: 'Kept',
        object: refOf(used),
        message: expect.stringContaining('1 objects of it'),
      }),
    ]);
    for (const gone of [plane, unused, configMap(space, 'istio'), ...leftovers]) {
      expect([keyOf(refOf(gone)), await exists(gone)]).toEqual([keyOf(refOf(gone)), false]);
    }
    for (const kept of [theirs, used, bystander, system]) {
      const live = await read(refOf(kept));
      expect(
        Object.keys(live!.metadata.labels ?? {}).filter(
          (key) => key.startsWith('ambit.dev') || key === partOfLabel,
        ),
      ).toEqual([]);
    }
    expect(await exists(custom('used.istio.io', 'Service', space, 'ours'))).toBe(false);
    const { items } = await bed.admin.request<{ items: { metadata: { name: string } }[] }>(
      'GET',
      `/api/v1/namespaces/${agentNamespace}/configmaps`,
    );
    expect(items.map(({ metadata }) => metadata.name)).not.toContain(parentName('control-plane'));
  });

  it('takes over the very object that a person decided about: never made anew, what others set goes with it', async () => {
    const space = await newNamespace();
    const theirs = configMap(space, 'web', { shared: '1', theirs: '1' });
    await make(theirs, 'helm');
    await bed.admin.request('PATCH', `/api/v1/namespaces/${space}/configmaps/web`, {
      contentType: 'application/merge-patch+json',
      query: { fieldManager: 'kubectl-edit' },
      body: { data: { edited: '1' }, metadata: { annotations: { note: 'x' } } },
    });
    const before = (await read(refOf(theirs)))!;
    const bundle = (uid: string, generation: number | null = null) =>
      bundleOf('taking', [['policies', [configMap(space, 'web', { shared: '2' })]]], {
        takeOver: [
          { group: '', kind: 'ConfigMap', namespace: space, name: 'web', uid, generation },
        ],
      });
    const agent = startAgent();
    await agent.want(bundle('another-uid'));
    await reach(agent, 'taking', 'Failed');
    expect(agent.status('taking').errors[0]).toMatchObject({ reason: 'NotOurs' });
    await agent.want(bundle(String(before.metadata['uid']), 7));
    await reach(agent, 'taking', 'Failed');
    expect((await read(refOf(theirs)))!['data']).toEqual(before['data']);

    await agent.want(bundle(String(before.metadata['uid'])));
    await reach(agent, 'taking', 'Ready');
    const after = (await read(refOf(theirs)))!;
    expect(after.metadata['uid']).toBe(before.metadata['uid']);
    expect(after['data']).toEqual({ shared: '2' });
    expect(after.metadata.annotations).toBeUndefined();
    const { managedFields } = after.metadata as { managedFields?: { manager: string }[] };
    expect(managedFields!.map(({ manager }) => manager)).toEqual(['ambit-agent']);
  });

  it('speaks the version of a kind that a cluster with older definitions of its own has', async () => {
    const space = await newNamespace();
    await make(definition('older.istio.io', 'Widget', ['v1beta1']));
    const wish = custom('older.istio.io', 'Widget', space, 'web');
    const agent = startAgent();
    await agent.want(bundleOf('older', [['policies', [wish]]]));
    await reach(agent, 'older', 'Ready');
    const old = { ...wish, apiVersion: 'older.istio.io/v1beta1' };
    expect(await read(refOf(old))).toMatchObject({
      apiVersion: 'older.istio.io/v1beta1',
      spec: { hosts: ['web'] },
    });
    await agent.want(bundleOf('older', [['policies', []]]));
    await until(async () => expect(await exists(old)).toBe(false));
    await agent.want(bundleOf('older', [['policies', [custom('no.istio.io', 'No', space, 'x')]]]));
    await until(() =>
      expect(agent.status('older').errors[0]).toMatchObject({ reason: 'KindNotServed' }),
    );
  });

  it('of a thousand objects is applied by one write for each, and again by none', async () => {
    const space = await newNamespace();
    const maps = Array.from({ length: 1000 }, (_, i) =>
      configMap(space, `many-${i}`, { i: String(i) }),
    );
    let writes = 0;
    const client: KubeClient = {
      ...cluster.client,
      request: async (method, path, options) => {
        const answer = await cluster.client.request(method, path, options);
        // What compares for drift asks by dry runs, whenever it comes round.
        if (method !== 'GET' && !options?.query?.['dryRun']) writes++;
        return answer as never;
      },
    };
    const bundle = bundleOf('many', [['configuration', maps]]);
    const agent = startAgent({}, client);
    await agent.want(bundle);
    await vi.waitFor(() => expect(agent.state('many')).toBe('Ready'), {
      timeout: 100_000,
      interval: 50,
    });
    expect(writes).toBeLessThan(1_010);
    await agent.manager.stop();
    writes = 0;
    const next = startAgent({}, client);
    await next.want(bundle);
    await reach(next, 'many', 'Ready');
    expect(writes).toBe(0);
    const { items } = await bed.admin.request<{ items: unknown[] }>(
      'GET',
      `/api/v1/namespaces/${space}/configmaps`,
    );
    expect(items.length).toBeGreaterThanOrEqual(1000);
  });
});
