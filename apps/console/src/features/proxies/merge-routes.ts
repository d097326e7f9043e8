import type { Outputs } from '../../lib/session.tsx';

export type AskedRoute = Outputs['proxy']['requests']['items'][number];

/** Routes of several proxies as those of all of them, what fails most first. Pure. */
export function mergeRoutes(all: readonly AskedRoute[]): AskedRoute[] {
  const routes = new Map<string, AskedRoute>();
  for (const route of all) {
    const key = `${route.direction} ${route.method} ${route.host} ${route.path}`;
    const other = routes.get(key);
    routes.set(key, other ? both(other, route) : route);
  }
  return [...routes.values()].toSorted((a, b) => b.failed - a.failed || b.requests - a.requests);
}

function both(one: AskedRoute, other: AskedRoute): AskedRoute {
  const failures = new Map<string, AskedRoute['failures'][number]>();
  for (const each of [...one.failures, ...other.failures]) {
    const key = `${each.code} ${each.flags}`;
    failures.set(key, { ...each, count: each.count + (failures.get(key)?.count ?? 0) });
  }
  return {
    ...one,
    requests: one.requests + other.requests,
    failed: one.failed + other.failed,
    failures: [...failures.values()].toSorted((a, b) => b.count - a.count),
    slowestMs: Math.max(one.slowestMs, other.slowestMs),
    lastAt: one.lastAt > other.lastAt ? one.lastAt : other.lastAt,
  };
}
