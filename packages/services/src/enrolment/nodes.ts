import { counted } from '@ambit/contracts/words';
import { ambientNodes, type AmbientNode } from '@ambit/contracts/operations/ambient';
import { ambientNodesOf } from '@ambit/istio/enrolment/nodes';
import { implement } from '../kernel/implement.ts';
import { requireMesh } from '../mesh/lock.ts';
import { loadFacts } from './load.ts';

export const listAmbientNodes = implement(ambientNodes, async ({ tx, now }, input) => {
  const { profile } = await requireMesh(tx, input.meshId);
  if (profile !== 'ambient') {
    return {
      sentence: 'A mesh of sidecars: its nodes have no ztunnel, and need no istio-cni.',
      items: [],
      silent: [],
    };
  }
  const clusters = await loadFacts(tx, input.meshId, now, input.clusterId);
  const told = clusters.filter(({ observedAt }) => observedAt !== null);
  const items = told.flatMap(({ facts, clusterId, clusterName }) =>
    ambientNodesOf(facts, { clusterId, clusterName }),
  );
  return {
    sentence: sentenceOf(items),
    items: items.filter(({ state }) => input.state === undefined || state === input.state),
    silent: clusters
      .filter(({ observedAt }) => observedAt === null)
      .map(({ clusterName }) => clusterName),
  };
});

function sentenceOf(items: readonly AmbientNode[]): string {
  const needed = items.filter(({ state }) => state !== 'notNeeded');
  if (needed.length === 0) return 'No node is known yet.';
  const wrong = needed.filter(({ state }) => state !== 'ok');
  const [first] = wrong;
  if (!first) {
    return `ztunnel and istio-cni are ready on ${needed.length === 1 ? 'the only node' : `all ${counted(needed.length, 'node')}`}.`;
  }
  return `${wrong.length} of ${counted(needed.length, 'node')} not as ambient mode needs: ${first.node}. ${first.message}.`;
}
