import { waypointWake } from '@ambit/contracts/operations/waypoint-sleep';
import { conflict, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { toOperation } from '../lifecycle/to-operation.ts';
import { lockMesh } from '../mesh/lock.ts';
import { beginWake } from './begin-wake.ts';
import { loadReports } from './reports.ts';

export const wakeWaypoint = implement(
  waypointWake,
  async (context, { meshId, namespace, name, clusterId }) => {
    const mesh = await lockMesh(context.tx, meshId);
    const text = `${namespace}/${name}`;
    const found = (await loadReports(context.tx, meshId)).flatMap((cluster) =>
      (clusterId === undefined || cluster.clusterId === clusterId
        ? (cluster.report?.waypoints ?? [])
        : []
      )
        .filter((one) => one.namespace === namespace && one.name === name)
        .map(({ sleep }) => ({ ...cluster, sleep })),
    );
    if (found.length === 0) throw notFound('waypoint', text);
    const sleeping = found.find(({ sleep }) => sleep !== null && sleep.phase !== 'awake');
    if (!sleeping) throw conflict(`waypoint ${text} does not sleep`);
    const operation = await beginWake(context, mesh, {
      clusterId: sleeping.clusterId,
      namespace,
      name,
    });
    return { operation: toOperation(operation) };
  },
  ({ namespace, name }) => `${namespace}/${name}`,
);
