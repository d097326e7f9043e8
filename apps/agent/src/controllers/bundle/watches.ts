import type { Bundle } from '@ambit/contracts/agent/bundle';
import { canonicalJson } from '@ambit/contracts/canonical';
import type { Metadata } from '../../kube/watch.ts';
import { watch, type Listed } from '../../kube/watch.ts';
import { pathOf } from '../../kube/resources.ts';
import { groupKind, keyOf, parseGroupKind, partOfLabel } from './applyset.ts';
import { setIdOf, type BundleContext } from './pass.ts';
import { partsOf } from './plan.ts';

export interface MemberEvents {
  /** Somebody else wrote or deleted this member. */
  suspect(key: string): void;
  /** The status of a workload moved. */
  moved(): void;
}

/**
 * Watches the metadata of a bundle's members, one watch a kind: cheap, because specs and statuses do not travel.
 * Ends with the signal.
 */
export async function watchMembers(
  context: BundleContext,
  bundle: Bundle,
  events: MemberEvents,
  signal: AbortSignal,
): Promise<void> {
  // Objects of others carry no mark of the set: all of their kind are looked at, and these few remembered.
  const { members, shared: others } = partsOf(bundle);
  const kindsOf = (refs: typeof members) => [...new Set(refs.map(groupKind))];
  const labelSelector = `${partOfLabel}=${setIdOf(context, bundle.name)}`;
  await Promise.all([
    ...kindsOf(members).map((id) =>
      watchKind(
        context,
        {
          id,
          wanted: new Set(members.map(keyOf)),
          seen: context.seen.of(id),
          query: { labelSelector },
        },
        events,
        signal,
      ),
    ),
    ...kindsOf(others).map((id) =>
      watchKind(
        context,
        { id, wanted: new Set(others.map(keyOf)), seen: new Map(), isOthers: true },
        events,
        signal,
      ),
    ),
  ]);
}

interface WatchedKind {
  /** `Kind.group`. */
  id: string;
  wanted: ReadonlySet<string>;
  seen: Map<string, Metadata>;
  query?: { labelSelector: string };
  isOthers?: boolean;
}

async function watchKind(
  { cluster: { client, resources } }: BundleContext,
  { id, wanted, seen, query, isOthers = false }: WatchedKind,
  events: MemberEvents,
  signal: AbortSignal,
): Promise<void> {
  const { group, kind } = parseGroupKind(id);
  const resource = await resources.ofGroupKind(group, kind);
  if (!resource) return;
  const keyFor = ({ name, namespace }: Metadata) =>
    keyOf({ apiVersion: resource.apiVersion, kind, name, ...(namespace ? { namespace } : {}) });
  const remember = (key: string, metadata: Metadata) => {
    if (!isOthers || wanted.has(key)) seen.set(key, metadata);
  };
  await watch<Listed>(
    client,
    {
      path: pathOf(resource),
      ...(query ? { query } : {}),
      metadataOnly: true,
      onList: (items) => {
        const before = new Map(seen);
        seen.clear();
        for (const { metadata } of items) remember(keyFor(metadata), metadata);
        for (const [key, metadata] of before) {
          const now = seen.get(key);
          if (wanted.has(key) && (!now || isWrite(metadata, now))) events.suspect(key);
        }
        // Nothing is known of what was done to objects of others between their application and the first list.
        if (isOthers && before.size === 0) for (const key of wanted) events.suspect(key);
        // What moved between the last look and this list came without an event.
        events.moved();
      },
      onEvent: (type, { metadata }) => {
        const key = keyFor(metadata);
        const before = seen.get(key);
        if (type === 'DELETED') {
          seen.delete(key);
          // A label taken away looks like a deletion here; comparing tells them apart.
          if (wanted.has(key)) events.suspect(key);
          return;
        }
        remember(key, metadata);
        if (!wanted.has(key) || !before) return;
        if (isWrite(before, metadata)) events.suspect(key);
        else events.moved();
      },
    },
    signal,
  );
}

/**
 * Whether what is wanted of an object may have been written: its labels, its annotations, or its spec, which raises the
 * generation. Kinds without a generation are suspect at every write, our own among them: one dry run tells.
 */
export function isWrite(before: Metadata, after: Metadata): boolean {
  if (after.generation === undefined) return before.resourceVersion !== after.resourceVersion;
  return (
    before.generation !== after.generation ||
    canonicalJson(before.labels) !== canonicalJson(after.labels) ||
    canonicalJson(before.annotations) !== canonicalJson(after.annotations)
  );
}
