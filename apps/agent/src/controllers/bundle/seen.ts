import type { KubeObject } from '@ambit/contracts/common';
import type { Metadata } from '../../kube/watch.ts';
import { groupKind, keyOf, refOf } from './applyset.ts';

/** What was seen last of each member of a bundle, so that a new watch knows what it missed. */
export interface Seen {
  /** Metadata of a kind's members by their keys, to be kept up to date. */
  of(groupKind: string): Map<string, Metadata>;
  /** Notes a member as it was applied, or as it was read to be compared. */
  remember(object: KubeObject): void;
  clear(): void;
}

export function makeSeen(): Seen {
  const byKind = new Map<string, Map<string, Metadata>>();
  const of = (id: string): Map<string, Metadata> => {
    const known = byKind.get(id) ?? new Map<string, Metadata>();
    byKind.set(id, known);
    return known;
  };
  return {
    of,
    remember: (object) => {
      const ref = refOf(object);
      const { managedFields: _heavy, ...metadata } = object.metadata as unknown as Metadata;
      of(groupKind(ref)).set(keyOf(ref), metadata);
    },
    clear: () => byKind.clear(),
  };
}
