import { enrolmentRepair } from '@ambit/contracts/operations/enrolment';
import { repairOf } from '@ambit/istio/enrolment/repair';
import { AmbitError, conflict, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { toOperation } from '../lifecycle/to-operation.ts';
import { lockMesh } from '../mesh/lock.ts';
import { beginRepair } from './begin.ts';
import { loadClusterFacts } from './load.ts';

export const repairEnrolment = implement(
  enrolmentRepair,
  async (context, { meshId, clusterId, namespace, pod: name }) => {
    const mesh = await lockMesh(context.tx, meshId);
    const { facts, clusterName } = await loadClusterFacts(
      context.tx,
      meshId,
      clusterId,
      context.now,
    );
    const pod = facts.pods.get(namespace)?.find(({ metadata }) => metadata.name === name);
    if (!pod) throw notFound(`pod of ${clusterName}`, `${namespace}/${name}`);
    const repair = repairOf(facts, pod, context.now);
    if (!repair.pod) throw conflict(`no restart repairs ${name}: ${repair.message}`);
    if (repair.isLone) {
      throw new AmbitError('unprocessable', `nothing would make ${namespace}/${name} again`, {
        fix: 'delete and create it by hand',
      });
    }
    const operation = await beginRepair(context, mesh, { clusterId, namespace, pod: name });
    return { operation: toOperation(operation) };
  },
  ({ namespace, pod }) => `${namespace}/${pod}`,
);
