import type { Graph } from '@ambit/topology/model';

interface Subject {
  clusterName: string;
  namespace: string;
  name: string;
}

/**
 * What is told of each node, by the cluster, namespace and name of what is told of. Of a node whose
 * cluster tells of nothing (outside ones have none), what another cluster tells counts.
 */
export function subjectsOf<T extends Subject>(
  graph: Graph,
  subjects: readonly T[],
): (readonly [id: string, subject: T])[] {
  const byName = new Map<string, T>();
  const telling = new Set(subjects.map(({ clusterName }) => clusterName));
  for (const each of subjects) {
    const name = `${each.namespace}/${each.name}`;
    byName.set(name, each);
    byName.set(`${each.clusterName}/${name}`, each);
  }
  return graph.nodes.flatMap(({ id, cluster, namespace, name }) => {
    const told = `${namespace}/${name}`;
    const subject = byName.get(telling.has(cluster) ? `${cluster}/${told}` : told);
    return subject === undefined ? [] : [[id, subject] as const];
  });
}
