import type { PoolSpec, ReportedWaypoint } from '@ambit/contracts/agent/waypoint';

/**
 * How much of what its ready replicas are to carry a waypoint carries, by its pool's targets for requests; the highest
 * one counts. More than 1 where they carry more than they are to.
 * @returns null without a target, a figure or a ready replica
 */
export function saturationOf(
  reported: Pick<ReportedWaypoint, 'figures' | 'replicas'> | null,
  pool: PoolSpec | null,
): number | null {
  if (!reported || !pool || reported.replicas.ready === 0) return null;
  const { requestsPerSecond, activeRequests } = reported.figures;
  const { scaling } = pool;
  const shares = [
    [requestsPerSecond, scaling.requestsPerSecond],
    [activeRequests, scaling.activeRequests],
  ].flatMap(([value, target]) =>
    typeof value === 'number' && typeof target === 'number'
      ? [value / (target * reported.replicas.ready)]
      : [],
  );
  return shares.length === 0 ? null : Math.round(Math.max(...shares) * 1_000) / 1_000;
}
