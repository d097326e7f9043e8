import { meshObjects } from '@ambit/contracts/operations/mesh';
import type { ObjectRef } from '@ambit/contracts/common';
import { implement } from '../kernel/implement.ts';
import { loadClusters } from '../lifecycle/load-view.ts';
import { readMesh } from './to-mesh.ts';

export const listObjects = implement(meshObjects, async (context, { meshId }) => {
  await readMesh(context, meshId);
  const clusters = await loadClusters(context.tx, meshId, context.now, false);
  return {
    items: clusters.flatMap((cluster) =>
      cluster.desired.map(({ name, digest }) => {
        const status = cluster.report?.bundles.find((b) => b.name === name);
        return {
          clusterId: cluster.id,
          clusterName: cluster.name,
          bundle: name,
          digest,
          state: status?.digest === digest ? status.state : 'Pending',
          message: status?.message ?? 'The agent has not taken it up yet',
          objects: status?.objects ?? { total: 0, applied: 0, ready: 0 },
          errors: (status?.errors ?? []).map((e) => ({
            object: e.object ? nameOf(e.object) : '',
            reason: e.reason,
            message: e.message,
          })),
          drift: (status?.drift ?? []).map((d) => ({ ...d, object: nameOf(d.object) })),
        };
      }),
    ),
  };
});

const nameOf = ({ kind, namespace, name }: ObjectRef): string =>
  `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
