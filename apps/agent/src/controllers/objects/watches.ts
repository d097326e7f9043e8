import { furtherKinds, type ReportedObject } from '@ambit/contracts/agent/objects';
import { knownKinds, type KnownKind } from '@ambit/istio/kinds';
import { isStatus } from '../../kube/client.ts';
import type { Cluster } from '../../kube/objects.ts';
import { groupOf, pathOf } from '../../kube/resources.ts';
import { watch, type Listed } from '../../kube/watch.ts';
import { sleep } from '../../wait.ts';
import type { Onlooker } from '../inventory/observer.ts';
import { keyOfObject, makeCollector, sourceName, type Collector } from './collector.ts';
import { compactFact, type FactKind, type Raw } from './compact.ts';
import { credentialsOf, makeCredentialNames } from './credential-names.ts';
import { authoritySource, followAuthority } from './follow-authority.ts';
import { makeIstiodPlaces, type IstiodPlaces } from './istiod-places.ts';
import { reported, reportPolicy } from './report.ts';
import { followSecrets, secretSource } from './secrets.ts';

interface WatchesInput {
  cluster: Cluster;
  agentNamespace: string;
  changed(): void;
  onError(error: unknown): void;
}

export interface ObjectWatches {
  collector: Collector;
  /** Takes namespaces and pods from the inventory's watches. */
  onlooker: Onlooker;
  /** Watches until the signal ends it. */
  run(signal: AbortSignal): Promise<void>;
}

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const ownFacts: { kind: FactKind; apiVersion: string; path: string }[] = [
  { kind: 'Node', apiVersion: 'v1', path: '/api/v1/nodes' },
  { kind: 'Service', apiVersion: 'v1', path: '/api/v1/services' },
  { kind: 'Deployment', apiVersion: 'apps/v1', path: '/apis/apps/v1/deployments' },
  { kind: 'StatefulSet', apiVersion: 'apps/v1', path: '/apis/apps/v1/statefulsets' },
  { kind: 'DaemonSet', apiVersion: 'apps/v1', path: '/apis/apps/v1/daemonsets' },
  { kind: 'ServiceAccount', apiVersion: 'v1', path: '/api/v1/serviceaccounts' },
  {
    kind: 'PodDisruptionBudget',
    apiVersion: 'policy/v1',
    path: '/apis/policy/v1/poddisruptionbudgets',
  },
];
/** Without the right to these, all else is told. */
const mayBeWithheld = new Set<string>(furtherKinds);
const factSources = [
  sourceName('', 'Namespace'),
  sourceName('', 'Pod'),
  secretSource,
  authoritySource,
  ...ownFacts.map(({ kind, apiVersion }) => sourceName(groupOf(apiVersion), kind)),
];

/** How long a kind is waited for whose definition is there and that is not served yet. */
const servedPauseMs = 2_000;

/**
 * Watches every Istio and Gateway API kind that the cluster has, as definitions come and go, and the kinds that diagnosis
 * looks at. One watch a kind, whatever the number of objects.
 */
export function watchObjects(input: WatchesInput): ObjectWatches {
  const { cluster, agentNamespace } = input;
  const restarts = new Map<string, () => void>();
  const collector = makeCollector({
    changed: input.changed,
    relist: (source) => restarts.get(source)?.(),
  });

  let named: (names: string[]) => void = () => {};
  const credentials = makeCredentialNames(() => named(credentials.all()));
  let lookInto: (namespaces: readonly string[]) => void = () => {};
  const istiods = makeIstiodPlaces(() => lookInto(istiods.all()));

  /** Follows one kind, from its list on, again and again until the signal ends it. */
  const follow = async (
    source: string,
    open: (signal: AbortSignal) => Promise<Followed | null>,
    signal: AbortSignal,
  ) => {
    while (!signal.aborted) {
      const round = new AbortController();
      const both = AbortSignal.any([signal, round.signal]);
      restarts.set(source, () => round.abort());
      const followed = await open(both).catch((error: unknown) => {
        if (!both.aborted) input.onError(error);
        return null;
      });
      if (!followed) {
        await sleep(servedPauseMs, signal).catch(() => {});
        continue;
      }
      const { path, tell, keyOf } = followed;
      const isGateway = source.endsWith('/Gateway');
      await watch<Listed & Told>(
        cluster.client,
        {
          path,
          // Only what is told stays of an object; the rest is garbage before the next page comes.
          shrink: (raw) => ({
            metadata: raw.metadata,
            told: tell(raw as unknown as Raw),
            names: isGateway ? credentialsOf(raw as unknown as Raw) : [],
          }),
          onList: (items) => {
            collector.list(
              source,
              items.flatMap(({ told }) => told ?? []),
            );
            if (!isGateway) return;
            credentials.list(
              source,
              items.map(({ metadata, names }) => [keyOf(metadata), names]),
            );
          },
          onEvent: (type, { metadata, told, names }) => {
            if (isGateway)
              credentials.put(source, keyOf(metadata), type === 'DELETED' ? [] : names);
            if (type === 'DELETED' || !told) collector.remove(keyOf(metadata));
            else collector.put(told);
          },
          onError: (error) => {
            // The kind is gone, or is served in another version now.
            if (isStatus(error, 404)) round.abort();
            else if (isStatus(error, 403) && mayBeWithheld.has(source.split('/')[1]!))
              collector.withhold(source);
            else input.onError(error);
          },
        },
        both,
      );
      if (!signal.aborted) await sleep(100, signal).catch(() => {});
    }
    restarts.delete(source);
  };

  const followPolicies = ({ group, kind }: KnownKind, signal: AbortSignal) =>
    follow(
      sourceName(group, kind),
      async () => {
        const resource = await cluster.resources.ofGroupKind(group, kind);
        if (!resource) return null;
        const { apiVersion } = resource;
        return {
          path: pathOf(resource),
          tell: (raw) => reportPolicy(raw, apiVersion, kind, agentNamespace),
          keyOf: (metadata) => keyOfObject(apiVersion, kind, metadata),
        };
      },
      signal,
    );

  const followFacts = (signal: AbortSignal) =>
    ownFacts.map(({ kind, apiVersion, path }) =>
      follow(
        sourceName(groupOf(apiVersion), kind),
        async () => ({
          path,
          tell: (raw) => tellFact(kind, raw),
          keyOf: (metadata) => keyOfObject(apiVersion, kind, metadata),
        }),
        signal,
      ),
    );

  /** Starts and ends the watches of kinds as their definitions come and go. */
  const followKinds = async (signal: AbortSignal) => {
    const present = new Set<string>();
    const running = new Map<string, AbortController>();
    const done: Promise<void>[] = [];
    const settle = () => {
      for (const known of knownKinds) {
        const name = sourceName(known.group, known.kind);
        const isPresent = present.has(`${known.plural}.${known.group}`);
        const runs = running.get(name);
        if (isPresent && !runs) {
          const own = new AbortController();
          running.set(name, own);
          done.push(followPolicies(known, AbortSignal.any([signal, own.signal])));
        }
        if (!isPresent && runs) {
          runs.abort();
          running.delete(name);
          collector.drop(name);
          credentials.list(name, []);
        }
      }
      collector.expect([...factSources, ...running.keys()]);
    };
    await watch<Listed>(
      cluster.client,
      {
        path: definitions,
        metadataOnly: true,
        onList: (items) => {
          present.clear();
          for (const { metadata } of items) present.add(metadata.name);
          settle();
        },
        onEvent: (type, { metadata }) => {
          if (type === 'DELETED') present.delete(metadata.name);
          else present.add(metadata.name);
          settle();
        },
        onError: input.onError,
      },
      signal,
    );
    await Promise.all(done);
  };

  return {
    collector,
    onlooker: onlookerOf(collector, istiods),
    run: async (signal) => {
      const secrets = followSecrets({ cluster, collector, onError: input.onError }, signal);
      restarts.set(secretSource, () => queueMicrotask(secrets.again));
      const authority = followAuthority({ cluster, collector, onError: input.onError }, signal);
      restarts.set(authoritySource, () => queueMicrotask(authority.again));
      lookInto = authority.lookInto;
      lookInto(istiods.all());
      named = secrets.named;
      named(credentials.all());
      await Promise.all([followKinds(signal), ...followFacts(signal)]);
    },
  };
}

interface Told {
  told: ReportedObject | null;
  /** Secrets that a Gateway names. */
  names: string[];
}

interface Followed {
  path: string;
  tell(raw: Raw): ReportedObject | null;
  keyOf(metadata: Listed['metadata']): string;
}

function tellFact(kind: FactKind, raw: Raw): ReportedObject | null {
  const fact = compactFact[kind](raw);
  return fact === null ? null : reported(fact, 'fact', null);
}

/** What the inventory's watches keep of a pod or namespace is the compact form; it is told as it is. */
function onlookerOf(collector: Collector, istiods: IstiodPlaces): Onlooker {
  const tell = (kind: 'Namespace' | 'Pod', object: Listed) =>
    tellFact(kind, object as unknown as Raw);
  return {
    // A pod that has ended keeps its status for the inventory, and nothing else.
    shrink: (kind, object) =>
      (compactFact[kind](object as unknown as Raw) ?? ended(object)) as unknown as typeof object,
    onList: (kind, objects) => {
      if (kind === 'Pod') istiods.list(objects);
      collector.list(
        sourceName('', kind),
        objects.flatMap((object) => tell(kind, object) ?? []),
      );
    },
    onEvent: (kind, type, object) => {
      if (kind === 'Pod') istiods[type === 'DELETED' ? 'remove' : 'put'](object);
      const told = type === 'DELETED' ? null : tell(kind, object);
      if (told) collector.put(told);
      else collector.remove(keyOfObject('v1', kind, object.metadata));
    },
  };
}

const ended = (object: Listed) => {
  const { metadata, status } = object as Listed & { status?: { phase?: string } };
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    metadata: { name, uid, resourceVersion, ...(namespace ? { namespace } : {}) },
    status: { phase: status?.phase },
  };
};
