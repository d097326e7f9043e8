import { directAdopt } from '@ambit/contracts/operations/direct';
import type { KubeObject } from '@ambit/kube-api/types';
import { AmbitError, conflict } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { loadClusters } from '../lifecycle/load-view.ts';
import { lockMesh } from '../mesh-api/record.ts';
import { readPolicies } from '../policy/read.ts';
import { changeOf, deliverLater, storePolicy } from '../policy/store.ts';
import { toPolicy } from '../policy/to-policy.ts';
import { adoptable, handOverSteps } from './adoptable.ts';
import { writerName } from './conflicts.ts';
import { readContent, toDirect } from './direct-rows.ts';
import { findDirect, writeDecision } from './find-direct.ts';

export const adoptDirect = implement(
  directAdopt,
  async (context, { meshId, objectId }) => {
    const { tx, now } = context;
    await lockMesh(tx, meshId);
    const row = await findDirect(context, meshId, objectId, 'create');
    const what = `${row.kind} ${row.name}`;
    const { madeFor } = toDirect(row);
    if (madeFor) {
      throw conflict(`${what} was made for ${madeFor}, which would make it again`, 'adopt that');
    }
    if (row.truncated) {
      throw new AmbitError('unprocessable', `${what} is too large to be told by the agent`, {
        fix: "apply it to the mesh's Kubernetes API, and take the mesh's when the conflict shows",
      });
    }
    const { yaml } = adoptable((await readContent(tx, objectId)) as KubeObject);
    const parsed = readPolicies(yaml).policies[0]!;
    const { change, row: before } = await changeOf(context, meshId, parsed);
    const from = `${row.clusterName}: ${writerName(row.writer)}`;
    const after =
      change === 'unchanged' && before
        ? before
        : await storePolicy(context, meshId, parsed, before, 'adopted', from);
    await writeDecision(context, row, 'adopt');
    await context.changed('object', row.clusterId, 'updated', meshId);
    await deliverLater(context, meshId);
    return {
      policy: toPolicy(after, await loadClusters(tx, meshId, now, false)),
      handOver: handOverSteps(row.writer),
    };
  },
  ({ objectId }) => objectId,
);
