import {
  directList,
  directListInCluster,
  type DirectState,
} from '@ambit/contracts/operations/direct';
import { notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { listedNamespaces } from '../kernel/limits.ts';
import { pageOfArray, type PageRequest } from '../kernel/page.ts';
import { directKey, readDirect, toDirect, type DirectRow } from './direct-rows.ts';

export const listDirect = implement(directList, async (context, input) => {
  const { meshId } = input;
  const { tx } = context;
  const mesh = await tx.mesh.findUnique({
    where: { id: meshId },
    select: { clusters: { select: { clusterId: true } } },
  });
  if (!mesh) throw notFound('mesh', meshId);
  const ids = mesh.clusters
    .map(({ clusterId }) => clusterId)
    .filter((id) => input.clusterId === undefined || id === input.clusterId);
  const namespaces = listedNamespaces(context, meshId, input.namespace);
  return paged(await readDirect(tx, ids, { kind: input.kind, namespaces }), input);
});

export const listDirectInCluster = implement(directListInCluster, async (context, input) => {
  const { clusterId } = input;
  const { tx } = context;
  const cluster = await tx.cluster.findUnique({
    where: { id: clusterId },
    select: { mesh: { select: { meshId: true } } },
  });
  if (!cluster) throw notFound('cluster', clusterId);
  const namespaces = listedNamespaces(context, cluster.mesh?.meshId ?? '', input.namespace);
  return paged(await readDirect(tx, [clusterId], { kind: input.kind, namespaces }), input);
});

function paged(rows: DirectRow[], input: PageRequest & { state?: DirectState | undefined }) {
  const shown = rows
    .map(toDirect)
    .filter(({ state }) => input.state === undefined || state === input.state);
  return pageOfArray(input, shown, directKey);
}
