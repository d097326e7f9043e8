import { canonicalJson } from '@ambit/contracts/canonical';
import { directGet } from '@ambit/contracts/operations/direct';
import type { KubeObject } from '@ambit/kube-api/types';
import { implement } from '../kernel/implement.ts';
import { adoptable, handOverSteps } from './adoptable.ts';
import { readContent, toDirect } from './direct-rows.ts';
import { explain } from './explain.ts';
import { findDirect } from './find-direct.ts';

export const getDirect = implement(directGet, async (context, { meshId, objectId }) => {
  const { tx } = context;
  const row = await findDirect(context, meshId, objectId, 'get');
  const object = await readContent(tx, objectId);
  const ours = adoptable(object as KubeObject);
  const policy = row.policyId
    ? await tx.policy.findUnique({
        where: { id: row.policyId },
        select: { object: true, version: true, author: true },
      })
    : null;
  const theirs = policy && adoptable(policy.object as unknown as KubeObject);
  const clusters = await tx.meshCluster.count({ where: { meshId } });
  const compared = policy &&
    theirs && {
      version: policy.version,
      author: policy.author,
      same: canonicalJson(theirs.object) === canonicalJson(ours.object),
    };
  return {
    ...toDirect(row),
    object,
    truncated: row.truncated,
    yaml: ours.yaml,
    policy:
      policy && theirs
        ? { yaml: theirs.yaml, version: policy.version, author: policy.author }
        : null,
    explanation: explain(row, compared, clusters),
    handOver: handOverSteps(row.writer),
  };
});
