import type { ReportedPool, ReportedWaypoint } from '@ambit/contracts/agent/waypoint';
import { classOf } from './class-objects.ts';
import { workloadName, type WaypointWorld } from './objects.ts';

/** An action that the API server refused; it is tried again at `until`, of the clock that only goes on. */
export interface Failure {
  count: number;
  until: number;
  why: string;
}

/** A pool, with what could not be done about it (`nameOfAction`) in its message. Pure. */
export function poolWithFailures(
  pool: ReportedPool,
  failures: ReadonlyMap<string, Failure>,
): ReportedPool {
  const own = new Set([classOf(pool.name), `${classOf(pool.name)}-image`]);
  const said = [...failures]
    .filter(([name]) => own.has(name.slice(name.lastIndexOf(' ') + 1)))
    .map(([name, { why }]) => `cannot ${name}: ${why}`);
  if (said.length === 0) return pool;
  const message = [...said, ...(pool.message ? [pool.message] : [])].join('; ');
  return { ...pool, message: message.slice(0, 1_000) };
}

/** A waypoint, with why it could not be scaled in what is said of its scaling. Pure. */
export function waypointWithFailure(
  waypoint: ReportedWaypoint,
  { gateways }: Pick<WaypointWorld, 'gateways'>,
  failures: ReadonlyMap<string, Failure>,
): ReportedWaypoint {
  if (failures.size === 0) return waypoint;
  const gateway = gateways.get(`${waypoint.namespace}/${waypoint.name}`);
  const workload = gateway ? workloadName(gateway) : waypoint.name;
  const failure = failures.get(`scale ${waypoint.namespace}/${workload}`);
  if (!failure) return waypoint;
  const message = `cannot scale it: ${failure.why}`.slice(0, 500);
  return { ...waypoint, scaling: { ...waypoint.scaling, message } };
}
