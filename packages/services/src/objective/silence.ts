import type { Standing } from '../topology/sources.ts';

export interface SourceStanding {
  source: { name: string; clusterId: string | null };
  traffic: Standing;
  details: Standing | null;
}

/** Of which clusters (by name) nobody tells now, and why. */
export interface Silence {
  /** True: of none of them. */
  all: boolean;
  clusters: ReadonlySet<string>;
  reason: string;
}

const isSilent = ({ state }: Standing): boolean => state === 'failed' || state === 'pending';

/**
 * What nobody tells of, of requests and of latency. A source that is away hides its cluster, one of the whole mesh hides
 * all of it; a cluster without any source is silent too. Pure.
 */
export function silenceOf(
  standings: readonly SourceStanding[],
  clusters: readonly { id: string; name: string }[],
  of: 'requests' | 'latency',
): Silence {
  if (standings.length === 0) {
    return { all: true, clusters: new Set(), reason: 'Nobody tells of traffic in this mesh.' };
  }
  const silent = standings.flatMap((each) => {
    const standing = of === 'latency' ? (each.details ?? each.traffic) : each.traffic;
    if (!isSilent(each.traffic) && !isSilent(standing)) return [];
    const why = isSilent(each.traffic) ? each.traffic : standing;
    return [{ ...each, why: why.problems[0] ?? 'it has not answered yet.' }];
  });
  const told = standings.filter((each) => !silent.some(({ source }) => source === each.source));
  const isTold = ({ id }: { id: string }): boolean =>
    told.some(({ source }) => source.clusterId === null || source.clusterId === id);
  const hidden = clusters.filter(
    (cluster) => !isTold(cluster) || silent.some(({ source }) => source.clusterId === cluster.id),
  );
  const wide = silent.some(({ source }) => source.clusterId === null);
  const reasons = silent.map(({ source, why }) => `${source.name}: ${why}`);
  const untold = clusters.filter(
    ({ id }) =>
      !standings.some(({ source }) => source.clusterId === null || source.clusterId === id),
  );
  if (untold.length > 0) {
    reasons.push(`Nobody tells of traffic in ${untold.map(({ name }) => name).join(', ')}.`);
  }
  return {
    all: wide || (clusters.length > 0 && hidden.length === clusters.length),
    clusters: new Set(hidden.map(({ name }) => name)),
    reason: reasons.join(' '),
  };
}

/** Whether all is told of something that is in these clusters. */
export const isToldIn = (silence: Silence, clusters: readonly string[]): boolean =>
  !silence.all && !clusters.some((name) => silence.clusters.has(name));
