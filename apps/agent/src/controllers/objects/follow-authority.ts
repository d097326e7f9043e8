import {
  authorityKind,
  authoritySources,
  type AuthoritySource,
} from '@ambit/contracts/agent/authority';
import { isStatus } from '../../kube/client.ts';
import type { Cluster } from '../../kube/objects.ts';
import { groupOf } from '../../kube/resources.ts';
import { watch, type Listed } from '../../kube/watch.ts';
import { authorityFact, publicAuthorityData, type AuthorityData } from './authority.ts';
import { sourceName, type Collector } from './collector.ts';
import type { Raw } from './compact.ts';
import { reported } from './report.ts';

export const authoritySource = sourceName(groupOf(authorityKind.apiVersion), authorityKind.kind);
interface Looked extends Listed {
  data: Record<string, string>;
}

/** What is known of a namespace, by source: its data, null where there is none, `forbidden`; missing until it was listed. */
type Found = Map<AuthoritySource, Record<string, string> | null | 'forbidden'>;

export interface AuthorityWatch {
  /** Tells all once more. */
  again(): void;
  /** Looks into these namespaces from now on, and into no others. */
  lookInto(namespaces: readonly string[]): void;
}

/**
 * Watches, each by its name, the Secrets and the ConfigMap that hold the CA of a control plane in its namespace, and
 * tells of its certificates: when they end and who issued them, never a key. Where a Secret may not be read, the root of
 * the ConfigMap is what is told.
 */
export function followAuthority(
  input: {
    cluster: Pick<Cluster, 'client'>;
    collector: Pick<Collector, 'list' | 'withhold'>;
    onError(error: unknown): void;
  },
  signal: AbortSignal,
): AuthorityWatch {
  const { cluster, collector } = input;
  const places = new Map<string, { found: Found; end: AbortController }>();

  const tell = () => {
    const all = [...places].map(([namespace, { found }]) => ({ namespace, found }));
    if (all.some(({ found }) => found.size < authoritySources.length)) return;
    const seen = all.flatMap(({ found }) => [...found.values()]);
    if (seen.every((each) => each === 'forbidden')) return collector.withhold(authoritySource);
    collector.list(
      authoritySource,
      all.flatMap(({ namespace, found }) => {
        const fact = authorityFact(namespace, dataOf(found));
        return fact ? [reported(fact, 'fact', null)] : [];
      }),
    );
  };

  const follow = (namespace: string, source: AuthoritySource, found: Found, until: AbortSignal) => {
    const set = (value: Record<string, string> | null | 'forbidden') => {
      if (until.aborted) return;
      found.set(source, value);
      tell();
    };
    const resource = isSecret(source) ? 'secrets' : 'configmaps';
    return watch<Looked>(
      cluster.client,
      {
        path: `/api/v1/namespaces/${namespace}/${resource}`,
        query: { fieldSelector: `metadata.name=${source}` },
        // Nothing of a key stays for longer than this line.
        shrink: ({ metadata, ...rest }) => ({
          metadata,
          data: publicAuthorityData(
            ((rest as unknown as Raw)['data'] ?? {}) as Record<string, string>,
            isSecret(source),
          ),
        }),
        onList: (items) =>
          set(items.find(({ metadata }) => metadata.name === source)?.data ?? null),
        onEvent: (type, item) => {
          if (item.metadata.name === source) set(type === 'DELETED' ? null : item.data);
        },
        onError: (error) => {
          if (isStatus(error, 403)) set('forbidden');
          else input.onError(error);
        },
      },
      until,
    );
  };

  return {
    again: tell,
    lookInto: (namespaces) => {
      for (const [namespace, { end }] of places) {
        if (namespaces.includes(namespace)) continue;
        end.abort();
        places.delete(namespace);
      }
      for (const namespace of namespaces) {
        if (places.has(namespace)) continue;
        const place = { found: new Map() as Found, end: new AbortController() };
        places.set(namespace, place);
        const until = AbortSignal.any([signal, place.end.signal]);
        for (const source of authoritySources) void follow(namespace, source, place.found, until);
      }
      tell();
    },
  };
}

/** What istiod goes by, as far as it may be read. */
function dataOf(found: Found): AuthorityData {
  // Which of the two Secrets istiod goes by cannot be told from one alone.
  const blind = authoritySources.some(
    (source) => isSecret(source) && found.get(source) === 'forbidden',
  );
  const data: AuthorityData = {};
  for (const [source, each] of found) {
    if (each && each !== 'forbidden' && !(blind && isSecret(source))) data[source] = each;
  }
  return data;
}

const isSecret = (source: AuthoritySource): boolean => source !== 'istio-ca-root-cert';
