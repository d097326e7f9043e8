import type { Outputs } from '../../lib/session.tsx';
import { count, listWords } from '../../lib/format.ts';

export type Cluster = Outputs['cluster']['get'];

/** How a cluster is and what, if anything, to do, in one sentence or two. */
export function clusterSentence(cluster: Cluster): string {
  switch (cluster.state) {
    case 'waiting':
      return 'Waiting for its agent. Run the join command against the cluster; this page turns green by itself.';
    case 'stale':
      return 'The agent has not been heard of for more than 90 seconds. What it applied keeps running; nothing new reaches the cluster until it is back.';
    case 'gone':
      return 'No agent may speak for this cluster any more. Make a new join command to connect it again, or remove it.';
    case 'connected': {
      if (!cluster.kubernetesVersion) return 'Connected. Its first report is on the way.';
      const ready = cluster.nodes.filter((node) => node.ready).length;
      const nodes =
        ready === cluster.nodes.length
          ? count(cluster.nodes.length, 'node')
          : `${ready} of ${count(cluster.nodes.length, 'node')} ready`;
      const mesh = cluster.mesh ? `in mesh ${cluster.mesh.name}` : 'in no mesh yet';
      return `Connected. ${nodes}, Kubernetes ${cluster.kubernetesVersion}, ${mesh}.`;
    }
  }
}

/** Why the cluster cannot become part of a new mesh; undefined when it can. */
export function meshRefusal(cluster: Cluster): string | undefined {
  if (cluster.mesh) return `Already in mesh ${cluster.mesh.name}.`;
  if (cluster.foreignIstio.length > 0) return foreignIstioText(cluster);
  if (cluster.state === 'waiting') return 'Its agent has not connected yet.';
  if (cluster.state === 'gone') return 'Its agent is gone.';
  return undefined;
}

/** What of Istio was found that Ambit did not install. */
export function foreignIstioText(cluster: Pick<Cluster, 'foreignIstio'>): string {
  const found = cluster.foreignIstio.map(
    (each) =>
      `${each.namespace}/${each.name}${each.version ? ` ${each.version}` : ''}${each.managedBy ? ` (${each.managedBy})` : ''}`,
  );
  return `An Istio that Ambit did not install runs here: ${listWords(found, 'and')}.`;
}
