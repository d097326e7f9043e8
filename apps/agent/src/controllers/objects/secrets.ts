import type { ReportedObject } from '@ambit/contracts/agent/objects';
import { isStatus } from '../../kube/client.ts';
import type { Cluster } from '../../kube/objects.ts';
import { watch, type Listed } from '../../kube/watch.ts';
import { keyOfObject, sourceName, type Collector } from './collector.ts';
import { compactFact, type Raw } from './compact.ts';
import { reported } from './report.ts';

export const secretSource = sourceName('', 'Secret');
const tlsType = 'kubernetes.io/tls';
/** A watch each; of more names Secrets of other types are not told, and nothing is concluded from that. */
const mostNames = 50;

interface Looked extends Listed {
  told: ReportedObject | null;
}

/** One watch of some of the Secrets. */
interface Part {
  stop: AbortController;
  /** What it found; null until it was listed, and when that is forbidden. */
  found: Map<string, ReportedObject> | null;
  isForbidden: boolean;
}

/**
 * Watches the Secrets of type `kubernetes.io/tls`, and by name those of other types that Gateways name; the API server
 * sends no others. Only their public certificates are kept. Without the right to read Secrets none are told.
 * @returns `named` takes the names whenever those changed, `again` tells all once more
 */
export function followSecrets(
  input: {
    cluster: Pick<Cluster, 'client'>;
    collector: Pick<Collector, 'list' | 'withhold'>;
    onError(error: unknown): void;
  },
  signal: AbortSignal,
): { named(names: string[]): void; again(): void } {
  const { cluster, collector } = input;
  const parts = new Map<string, Part>();
  let wasForbidden = false;

  const tell = () => {
    const all = [...parts.values()];
    const isForbidden = all.some((part) => part.isForbidden);
    if (isForbidden) {
      collector.withhold(secretSource);
      if (!wasForbidden) {
        input.onError(
          'Secrets may not be read (ClusterRole ambit-agent-secrets): certificates are not told',
        );
      }
    } else if (all.every(({ found }) => found !== null)) {
      collector.list(
        secretSource,
        all.flatMap(({ found }) => [...(found?.values() ?? [])]),
      );
    }
    wasForbidden = isForbidden;
  };

  const begin = (name: string | null) => {
    const part: Part = { stop: new AbortController(), found: null, isForbidden: false };
    parts.set(name ?? '', part);
    const isMeant = ({ type, metadata }: Raw) =>
      name === null ? type === tlsType : type !== tlsType && metadata.name === name;
    const keyOf = ({ metadata }: Listed) => keyOfObject('v1', 'Secret', metadata);
    void watch<Looked>(
      cluster.client,
      {
        path: '/api/v1/secrets',
        query: {
          fieldSelector:
            name === null ? `type=${tlsType}` : `metadata.name=${name},type!=${tlsType}`,
        },
        shrink: ({ metadata: { name: own, namespace, uid, resourceVersion }, ...rest }) => {
          const metadata = { name: own, uid, resourceVersion, ...(namespace ? { namespace } : {}) };
          const raw = { ...rest, metadata } as unknown as Raw;
          const told = isMeant(raw) ? reported(compactFact.Secret(raw), 'fact', null) : null;
          return { metadata, told };
        },
        onList: (items) => {
          part.isForbidden = false;
          part.found = new Map(
            items.flatMap((item) => (item.told ? [[keyOf(item), item.told] as const] : [])),
          );
          tell();
        },
        onEvent: (type, item) => {
          if (type === 'DELETED' || !item.told) part.found?.delete(keyOf(item));
          else part.found?.set(keyOf(item), item.told);
          tell();
        },
        onError: (error) => {
          if (!isStatus(error, 403)) return input.onError(error);
          part.isForbidden = true;
          part.found = null;
          tell();
        },
      },
      AbortSignal.any([signal, part.stop.signal]),
    );
  };

  begin(null);
  return {
    named: (names) => {
      const wanted = new Set(names.slice(0, mostNames));
      const unwanted = [...parts].filter(([name]) => name !== '' && !wanted.has(name));
      for (const [name, part] of unwanted) {
        part.stop.abort();
        parts.delete(name);
      }
      for (const name of wanted) if (!parts.has(name)) begin(name);
      if (unwanted.length > 0) tell();
    },
    again: tell,
  };
}
