import type { PodObject } from '../objects.ts';
import type { Sample } from '../traffic.ts';

/** Envoy keeps these only when it is told to, by suffix, in the pod's annotation (istio.io, "Envoy Statistics"). */
export const suffixesAnnotation = 'sidecar.istio.io/statsInclusionSuffixes';
export const streamSuffix = 'downstream_cx_rx_bytes_total';

export interface Pair {
  before: Sample | undefined;
  now: Sample;
  /** Its proxy was told to count everything: a counter that is not shown stands at nothing. */
  countsAll: boolean;
}

/** Whether a replica counts all that a waypoint may carry, so that silence is known and not only unseen. */
export const toldToCount = ({ metadata }: PodObject): boolean =>
  metadata.annotations?.[suffixesAnnotation]?.split(',').includes(streamSuffix) ?? false;

/**
 * Since when nothing went through a waypoint: every ready replica told twice, and shows no request, none under way and no
 * byte of a stream in between. Null as soon as that is not known of one. Pure.
 * @param ready replicas that are ready
 */
export function quietSince(
  before: number | null,
  pairs: readonly Pair[],
  ready: number,
  at: number,
): number | null {
  if (ready === 0 || pairs.length < ready || !pairs.every(isQuiet)) return null;
  return before ?? at;
}

function isQuiet({ before, now, countsAll }: Pair): boolean {
  if (!before) return false;
  const unseen = countsAll ? 0 : null;
  const requests = now.requests ?? unseen;
  return (
    requests !== null &&
    requests === (before.requests ?? unseen) &&
    (now.active ?? 0) === 0 &&
    (now.streamBytes ?? 0) === (before.streamBytes ?? 0)
  );
}
