import type { Draft, Outcome } from '../plan.ts';
import type { ClusterView } from '../view.ts';
import { awayMessage, byCluster, firstError, list } from '../words.ts';

const withdrawTimeoutMs = 900_000;

/**
 * Has bundles removed from every cluster and forgets them once their agents reported Removed. A cluster whose
 * credential was revoked can never report: it is left behind, with a line in the log that says so.
 */
export function withdraw(draft: Draft, bundles: string[], step: string): Outcome {
  const { view } = draft;
  const open: { cluster: ClusterView; bundle: string }[] = [];
  for (const cluster of view.clusters) {
    const present = cluster.desired.filter((row) => bundles.includes(row.name));
    if (present.length === 0) continue;
    if (cluster.state === 'gone') {
      draft.log(
        `The agent of ${cluster.name} has no credential any more; what was applied there is left as it is`,
        'warning',
        cluster.name,
      );
      draft.ask({
        do: 'forgetDesired',
        clusterId: cluster.id,
        bundles: present.map((row) => row.name),
      });
      continue;
    }
    for (const row of present) {
      if (row.mode === 'present') {
        draft.ask({ do: 'withdraw', clusterId: cluster.id, bundle: row.name });
        open.push({ cluster, bundle: row.name });
      } else if (statusOf(cluster, row.name)?.state === 'Removed') {
        draft.ask({ do: 'forgetDesired', clusterId: cluster.id, bundles: [row.name] });
      } else {
        open.push({ cluster, bundle: row.name });
      }
    }
  }
  if (open.length === 0) return { is: 'done', message: `${list(bundles)} removed` };
  const clusters = [...new Set(open.map(({ cluster }) => cluster))];
  const words = byCluster(clusters, (cluster) =>
    open
      .filter((o) => o.cluster === cluster)
      .map(({ bundle }) => removalOf(cluster, bundle))
      .join(', '),
  );
  const paused = awayMessage(clusters, view.now);
  if (paused) return { is: 'waiting', message: paused, paused: true };
  if (view.now >= draft.deadline(step, withdrawTimeoutMs)) {
    return {
      is: 'failed',
      reason: 'RemovalStuck',
      message: `Not removed within ${withdrawTimeoutMs / 60_000} minutes. ${words}`,
    };
  }
  return { is: 'waiting', message: `Removing ${words}` };
}

const statusOf = (cluster: ClusterView, bundle: string) =>
  cluster.report?.bundles.find((status) => status.name === bundle);

function removalOf(cluster: ClusterView, bundle: string): string {
  const status = statusOf(cluster, bundle);
  const left = cluster.inventory?.owned[bundle];
  const count = left === undefined ? '' : ` (${left} objects left)`;
  const trouble = status && status.errors.length > 0 ? `: ${firstError(status)}` : '';
  return `${bundle}${count}${trouble}`;
}
