import type { KubeObject } from '@ambit/contracts/common';
import { poolLabel } from '@ambit/contracts/agent/waypoint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyObject, readObject, type Cluster } from '../../kube/objects.ts';
import { makeResources } from '../../kube/resources.ts';
import { bedBinaries, bedMissing, startKubeBed, type KubeBed } from '../../testing/kube-bed.ts';
import { namespaceObject } from '../../testing/bundles.ts';
import { act } from './act.ts';
import type { DeploymentObject, GatewayObject, WaypointWorld } from './objects.ts';
import { keptReplicas, withRisk } from './replicas-kept.ts';

const binaries = bedBinaries();
if (!binaries) console.warn(bedMissing);

const signal = new AbortController().signal;
let bed: KubeBed;
let cluster: Cluster;

beforeAll(async () => {
  if (!binaries) return;
  bed = await startKubeBed(binaries);
  cluster = { client: bed.admin, resources: makeResources(bed.admin) };
  await applyObject(cluster, namespaceObject('shop'), { manager: 'me', force: true }, signal);
});
afterAll(() => bed?.stop());

/** As istiod applies a waypoint's Deployment; without a number of replicas for pools that are scaled. */
const byIstiod = async (name: string, replicas?: number): Promise<DeploymentObject> => {
  const labels = { app: name };
  const object: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop' },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'istio-proxy', image: 'proxy' }] },
      },
    },
  };
  const manager = 'istio.io/gateway-controller';
  const made = await applyObject(cluster, object, { manager, force: true }, signal);
  return withRisk(made as unknown as DeploymentObject);
};
const replicasOf = async (name: string): Promise<number> => {
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name };
  const found = await readObject(cluster, ref, signal);
  return (found as unknown as { spec: { replicas: number } }).spec.replicas;
};

/** What is to be done about the replicas of this one, of a waypoint of a pool. */
function toKeep(deployment: DeploymentObject): KubeObject | null {
  const { name } = deployment.metadata;
  const gatewayClassName = 'ambit-waypoint-fast';
  const metadata = { name, namespace: 'shop', uid: 'one', resourceVersion: '1' };
  const gateway: GatewayObject = { metadata, spec: { gatewayClassName } };
  const classes = new Map([
    [
      gatewayClassName,
      {
        metadata: { ...metadata, labels: { [poolLabel]: 'fast' } },
        spec: { controllerName: 'istio.io/mesh-controller' },
      },
    ],
  ]);
  const deployments = new Map([[`shop/${name}`, deployment]]);
  return keptReplicas(gateway, { classes, deployments } as unknown as WaypointWorld);
}
const keep = (object: KubeObject) =>
  act(cluster, { put: () => {}, scaled: () => {} }, { do: 'keep', object }, signal);

describe.skipIf(!binaries)('replicas that istiod leaves out from one look to the next', () => {
  it('would be one at once, and stay where the agent says them as well', async () => {
    await byIstiod('lost', 3);
    await byIstiod('lost');
    expect(await replicasOf('lost')).toBe(1);
    const object = toKeep(await byIstiod('kept', 3));
    expect(object).toMatchObject({ spec: { replicas: 3 } });
    await keep(object!);
    const after = await byIstiod('kept');
    expect(await replicasOf('kept')).toBe(3);
    expect(toKeep(after)).toBeNull();
  });

  it('follow istiod while it says them, and whoever scales', async () => {
    await keep(toKeep(await byIstiod('follows', 2))!);
    const more = await byIstiod('follows', 4);
    expect(await replicasOf('follows')).toBe(4);
    await keep(toKeep(more)!);
    await byIstiod('follows');
    const place = { namespace: 'shop', name: 'follows' };
    await act(
      cluster,
      { put: () => {}, scaled: () => {} },
      { do: 'scale', ...place, from: 4, to: 2, why: 'less to do' },
      signal,
    );
    expect(toKeep(await byIstiod('follows'))).toBeNull();
    expect(await replicasOf('follows')).toBe(2);
  });

  it('of another Deployment by that name are left alone', async () => {
    const object = toKeep(await byIstiod('another', 2))!;
    await expect(
      keep({ ...object, metadata: { ...object.metadata, uid: 'gone' } }),
    ).rejects.toThrow();
    expect(await replicasOf('another')).toBe(2);
  });
});
