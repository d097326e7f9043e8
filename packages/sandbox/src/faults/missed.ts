import type { Change } from '../client/cache.ts';
import { keyOf } from '../client/controller.ts';
import type { Manager } from '../client/manager.ts';
import { isCni } from '../istio/ambient.ts';
import type { Pod } from '../objects.ts';
import type { Faults } from './faults.ts';

/** A missed pod that is gone is missed no more, and a CNI that begins anew looks at every pod of its node. */
export function forgetMissed(
  { kind, object, gone }: Change,
  faults: Faults,
  manager: Manager,
): void {
  if (kind !== 'pods' || !gone) return;
  faults.found(keyOf(object));
  const pod = object as Pod;
  if (!isCni(pod)) return;
  if (pod.spec.nodeName !== undefined) faults.cniGone(pod.spec.nodeName);
  for (const other of manager.cache.list('pods')) {
    const key = keyOf(other);
    if (other.spec.nodeName !== pod.spec.nodeName || !faults.isMissed(key)) continue;
    faults.found(key);
    manager.wake('ambient', key);
  }
}
