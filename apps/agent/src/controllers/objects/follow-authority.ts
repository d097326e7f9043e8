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
/** Where Ambit puts control planes. */
const namespace = 'istio-system';

interface Looked extends Listed {
  data: Record<string, string>;
}

/**
 * Watches, each by its name, the Secrets and the ConfigMap that hold the CA of the control plane, and tells of its
 * certificates: when they end and who issued them, never a key. Where a Secret may not be read, the root of the
 * ConfigMap is what is told.
 * @returns tells all once more
 */
export function followAuthority(
  input: {
    cluster: Pick<Cluster, 'client'>;
    collector: Pick<Collector, 'list' | 'withhold'>;
    onError(error: unknown): void;
  },
  signal: AbortSignal,
): () => void {
  const { cluster, collector } = input;
  /** By source: its data, null where there is none, `forbidden`; missing until it was listed. */
  const found = new Map<AuthoritySource, Record<string, string> | null | 'forbidden'>();

  const tell = () => {
    if (found.size < authoritySources.length) return;
    if ([...found.values()].every((each) => each === 'forbidden')) {
      return collector.withhold(authoritySource);
    }
    // Which of the two Secrets istiod goes by cannot be told from one alone.
    const blind = authoritySources.some(
      (source) => isSecret(source) && found.get(source) === 'forbidden',
    );
    const data: AuthorityData = {};
    for (const [source, each] of found) {
      if (each && each !== 'forbidden' && !(blind && isSecret(source))) data[source] = each;
    }
    const fact = authorityFact(namespace, data);
    collector.list(authoritySource, fact ? [reported(fact, 'fact', null)] : []);
  };

  for (const source of authoritySources) {
    const set = (value: Record<string, string> | null | 'forbidden') => {
      found.set(source, value);
      tell();
    };
    const resource = isSecret(source) ? 'secrets' : 'configmaps';
    void watch<Looked>(
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
      signal,
    );
  }
  return tell;
}

const isSecret = (source: AuthoritySource): boolean => source !== 'istio-ca-root-cert';
