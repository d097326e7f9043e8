import type { EnrolmentMode } from '@ambit/contracts/agent/protocol';
import { meshWorkloads } from '@ambit/contracts/operations/mesh';
import { implement } from '../kernel/implement.ts';
import { pageOfArray } from '../kernel/page.ts';
import { workloadsOf } from './dependents.ts';
import { readMesh } from './to-mesh.ts';

export const listWorkloads = implement(meshWorkloads, async (context, input) => {
  const { tx } = context;
  await readMesh(context, input.meshId);
  const enrolments = await tx.enrolment.findMany({ where: { meshId: input.meshId } });
  const wanted = new Map(
    enrolments.map((e) => [`${e.clusterId}/${e.namespace}`, e.mode as EnrolmentMode]),
  );
  const workloads = (await workloadsOf(tx, input.meshId))
    .filter((w) => input.namespace === undefined || w.namespace === input.namespace)
    .filter((w) => input.clusterId === undefined || w.clusterId === input.clusterId)
    .map((w) => ({ ...w, wanted: wanted.get(`${w.clusterId}/${w.namespace}`) ?? null }));
  return pageOfArray(
    input,
    workloads,
    (w) => `${w.clusterName}/${w.namespace}/${w.kind}/${w.name}`,
  );
});
