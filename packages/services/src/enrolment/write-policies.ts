import type { KubeObject } from '@ambit/contracts/common';
import { splitApiVersion } from '@ambit/istio/kinds';
import { stringify } from 'yaml';
import type { Context } from '../kernel/context.ts';
import type { ParsedPolicy } from '../policy/parse.ts';
import {
  changeOf,
  deliverLater,
  markDeleted,
  storePolicy,
  type StoreContext,
} from '../policy/store.ts';

/** Who writes: Ambit itself, where a job does, or the caller of a verb. */
type Writer = Omit<StoreContext, 'actor' | 'door'> & Partial<Pick<Context, 'actor' | 'door'>>;

/** Who it was, where nobody asked for it. */
export const itself: Context['actor'] = { kind: 'system', id: 'ambit', name: 'Ambit', email: null };

/**
 * Writes policies of the mesh that Ambit makes itself (waypoints, guards), and takes others away; what is as it is to be
 * stays. Each is a policy like any other: with history, in every list, delivered by the agents.
 */
export async function writePolicies(
  on: Writer & { meshId: string },
  { put, remove }: { put: readonly KubeObject[]; remove: readonly KubeObject[] },
): Promise<number> {
  const context: StoreContext = { actor: itself, door: 'worker', ...on };
  let changes = 0;
  for (const object of put) {
    const parsed = parsedOf(object);
    const { change, row } = await changeOf(context, on.meshId, parsed);
    if (change === 'unchanged') continue;
    await storePolicy(context, on.meshId, parsed, row, change);
    changes += 1;
  }
  for (const object of remove) {
    const { row } = await changeOf(context, on.meshId, parsedOf(object));
    if (!row || row.deletedAt) continue;
    await markDeleted(context, row);
    changes += 1;
  }
  if (changes > 0) await deliverLater(context, on.meshId);
  return changes;
}

const parsedOf = (object: KubeObject): ParsedPolicy => ({
  object,
  group: splitApiVersion(object.apiVersion).group,
  namespace: object.metadata.namespace ?? '',
  yaml: stringify(object),
});
