import type { Deployment } from '../objects.ts';
import { share } from './common.ts';

/** `maxSurge` and `maxUnavailable` in pods; never both zero. */
export function limitsOf({ spec }: Deployment): { surge: number; unavailable: number } {
  const replicas = spec.replicas ?? 1;
  const { maxSurge, maxUnavailable } = spec.strategy?.rollingUpdate ?? {};
  const surge = share(maxSurge, replicas, 'up', '25%');
  const unavailable = share(maxUnavailable, replicas, 'down', '25%');
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}
