import type { KindId, KindMap } from '../kinds.ts';
import type { Action } from './actions.ts';
import type { View } from './cache.ts';

export interface Decision {
  actions: Action[];
  /** When to look again, if nothing changes before. */
  againMs?: number;
}

export const nothing: Decision = { actions: [] };

/** `namespace/name`, with an empty namespace for kinds of the cluster. */
export const keyOf = (object: { metadata: { namespace?: string; name: string } }): string =>
  `${object.metadata.namespace ?? ''}/${object.metadata.name}`;

export function splitKey(key: string): [namespace: string, name: string] {
  const slash = key.indexOf('/');
  return [key.slice(0, slash), key.slice(slash + 1)];
}

export type Triggers = {
  [K in KindId]?: (object: KindMap[K], view: View) => string[];
};

/**
 * One control loop. `decide` is a pure function of the cluster as seen and of the time: called with the same, it
 * answers the same. `failure` is what the last try of this key came to, when it failed.
 */
export interface Controller {
  name: string;
  /** Field manager of its writes. */
  manager: string;
  /** Which keys to look at when an object of a kind changed. */
  triggers: Triggers;
  decide(key: string, view: View, now: Date, failure?: string): Decision;
}

/** The key of the controller of this kind that owns an object. */
export function ownerKey(
  object: {
    metadata: {
      namespace?: string;
      ownerReferences?: KindMap['pods']['metadata']['ownerReferences'];
    };
  },
  kind: string,
): string[] {
  const owner = object.metadata.ownerReferences?.find((ref) => ref.controller === true);
  return owner?.kind === kind ? [`${object.metadata.namespace ?? ''}/${owner.name}`] : [];
}

export const itself = (object: { metadata: { namespace?: string; name: string } }): string[] => [
  keyOf(object),
];
