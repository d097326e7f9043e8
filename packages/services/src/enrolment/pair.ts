import { enrolmentPair, pathGet } from '@ambit/contracts/operations/enrolment';
import { clientEnd, serverEnd } from '@ambit/istio/enrolment/ends';
import { pairOf } from '@ambit/istio/enrolment/pair';
import { pathOf } from '@ambit/istio/enrolment/path';
import type { Context } from '../kernel/context.ts';
import { notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { loadClusterFacts } from './load.ts';

export const getPair = implement(enrolmentPair, async (context, input) => {
  const { facts, from, to } = await endsOf(context, input);
  return pairOf(facts, from, to);
});

export const getPath = implement(pathGet, async (context, input) => {
  const { facts, from, to } = await endsOf(context, input);
  return pathOf(facts, from, to, input);
});

async function endsOf(
  { tx, now }: Context,
  input: { meshId: string; clusterId: string; from: string; to: string },
) {
  const { facts, clusterName } = await loadClusterFacts(tx, input.meshId, input.clusterId, now);
  const from = clientEnd(facts, input.from);
  if (!from) throw notFound(`workload of ${clusterName}`, input.from);
  const to = serverEnd(facts, input.to);
  if (!to) throw notFound(`Service or workload of ${clusterName}`, input.to);
  return { facts, from, to };
}
