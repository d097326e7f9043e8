import type { BundleStatus } from '@ambit/contracts/agent/protocol';
import type { ClusterView } from './view.ts';

/** `a`, `a and b`, `a, b and c`; after `most` only the number of the rest. */
export function list(names: string[], most = 4): string {
  const shown = names.slice(0, most);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  if (shown.length <= 1) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** Where an agent stands with a bundle: its own words, or the phase and the counts. */
export function progressOf(status: BundleStatus | undefined): string {
  if (!status) return 'not taken up yet';
  const phase = status.phase
    ? `${status.phase.name} (${status.phase.index} of ${status.phase.count})`
    : '';
  const counts = `${status.objects.applied} of ${status.objects.total} objects applied`;
  return [phase, counts, status.message].filter(Boolean).join(', ');
}

/** First error of a bundle as a sentence. */
export function firstError(status: BundleStatus): string {
  const error = status.errors[0];
  if (!error) return status.message || 'no reason was told';
  const object = error.object ? `${error.object.kind} ${objectName(error.object)}: ` : '';
  return `${object}${error.message}`;
}

const objectName = (object: { namespace?: string | undefined; name: string }): string =>
  object.namespace ? `${object.namespace}/${object.name}` : object.name;

/** `cluster: text` for each; the cluster's name is left out when there is only one. */
export function byCluster(clusters: ClusterView[], text: (cluster: ClusterView) => string): string {
  if (clusters.length === 1 && clusters[0]) return text(clusters[0]);
  return clusters.map((cluster) => `${cluster.name}: ${text(cluster)}`).join('; ');
}

/** Why nothing can be done now, because an agent is not heard of; null when all are there. */
export function awayMessage(clusters: ClusterView[], now: Date): string | null {
  const away = clusters.filter((cluster) => cluster.state !== 'connected');
  const [first] = away;
  if (!first) return null;
  const names = list(away.map((cluster) => cluster.name));
  if (first.state === 'gone') {
    return `Paused: the credential of ${names} was revoked. Join it again to go on`;
  }
  if (first.state === 'waiting') return `Paused: no agent has joined from ${names} yet`;
  const since = first.lastSeenAt
    ? ` for ${Math.round((now.getTime() - first.lastSeenAt.getTime()) / 1000)} s`
    : '';
  return `Paused: nothing heard of the agent of ${names}${since}. It goes on by itself when the agent is back`;
}
