import { writerName } from './conflicts.ts';
import { stateOf, type DirectRow } from './direct-rows.ts';

/**
 * What runs now, who wrote what, and what each choice does: sentences for the person who decides. Pure.
 * @param clusters how many clusters the mesh has
 */
export function explain(
  row: DirectRow,
  policy: { version: number; author: string; same: boolean } | null,
  clusters: number,
): string[] {
  const what = `${row.kind} ${row.namespace ? `${row.namespace}/` : ''}${row.name}`;
  const there = `${writerName(row.writer)} applied ${what} directly in ${row.clusterName}.`;
  const everywhere =
    clusters > 1
      ? `all ${clusters} clusters of the mesh`
      : `${row.clusterName} and clusters to come`;
  if (!policy) {
    return [
      there,
      'It runs as it is; Ambit neither changes nor removes it.',
      `Adopted, it becomes a policy of the mesh and goes to ${everywhere}; in ${row.clusterName} it changes hands without a gap.`,
      'Left, it stays what it is, and this decision is remembered.',
    ];
  }
  const mesh = `The mesh has one of this name too, at version ${policy.version} by ${policy.author}.`;
  const same = policy.same ? ['Both ask for the same.'] : [];
  switch (stateOf(row)) {
    case 'kept':
      return [
        there,
        mesh,
        ...same,
        `${row.decidedBy} decided that ${row.clusterName} keeps its own; the mesh's is not delivered there.`,
      ];
    case 'changing':
      return [
        there,
        mesh,
        ...same,
        `${row.decidedBy} decided that the mesh's takes its place; the agent of ${row.clusterName} is about to do it.`,
      ];
    default:
      return [
        there,
        mesh,
        ...same,
        `In ${row.clusterName} the cluster's own runs, and the mesh's is not delivered there, until somebody decides.`,
        "Keep the cluster's: nothing changes there; other clusters have the mesh's.",
        `Take the mesh's: in ${row.clusterName} it takes the place of the other, without a gap.`,
        `Adopt: the cluster's becomes the newest version of the mesh's and goes to ${everywhere}; what the mesh has now stays in the history.`,
      ];
  }
}
