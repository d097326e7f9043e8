import type { FurtherKind } from '@ambit/contracts/agent/objects';
import { knownKinds, type KnownKind } from '@ambit/istio/kinds';
import { isStatus } from '../../kube/client.ts';
import type { Cluster } from '../../kube/objects.ts';
import { pathOf } from '../../kube/resources.ts';
import { watch, type Listed } from '../../kube/watch.ts';
import { sleep } from '../../wait.ts';
import { keyOfObject, sourceName } from '../objects/collector.ts';
import type { FactKind, Raw } from '../objects/compact.ts';

/** Where followed objects go: a source for each kind, named `group/Kind`. */
export interface Sink<T> {
  put(object: T): void;
  /** @param key as `objectKey` makes it */
  remove(key: string): void;
  /** All objects of a source, as a list has them. */
  list(source: string, objects: T[]): void;
  /** The kind is not in the cluster any more. */
  drop(source: string): void;
  /** Which sources there are to be. */
  expect(sources: string[]): void;
}

/** Kinds of Kubernetes itself that every agent may watch. */
export type PlainKind = Exclude<FactKind, FurtherKind>;

export interface FollowInput<T> {
  cluster: Cluster;
  sink: Sink<T>;
  /** Kinds of Kubernetes itself that are watched here. */
  facts: readonly PlainKind[];
  /** What stays of an object; null for one of no interest. */
  tellFact(kind: PlainKind, raw: Raw): T | null;
  tellPolicy(raw: Raw, apiVersion: string, kind: string): T;
  onError(error: unknown): void;
}

interface Followed<T> {
  path: string;
  tell(raw: Raw): T | null;
  keyOf(metadata: Listed['metadata']): string;
}

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const factPaths: Record<PlainKind, { apiVersion: string; path: string }> = {
  Namespace: { apiVersion: 'v1', path: '/api/v1/namespaces' },
  Pod: { apiVersion: 'v1', path: '/api/v1/pods' },
  Node: { apiVersion: 'v1', path: '/api/v1/nodes' },
  Service: { apiVersion: 'v1', path: '/api/v1/services' },
  Deployment: { apiVersion: 'apps/v1', path: '/apis/apps/v1/deployments' },
  StatefulSet: { apiVersion: 'apps/v1', path: '/apis/apps/v1/statefulsets' },
  DaemonSet: { apiVersion: 'apps/v1', path: '/apis/apps/v1/daemonsets' },
};
const factSource = (kind: PlainKind) =>
  sourceName(factPaths[kind].apiVersion.includes('/') ? 'apps' : '', kind);

/** How long a kind is waited for whose definition is there and that is not served yet. */
const servedPauseMs = 2_000;

/**
 * Follows every Istio and Gateway API kind that the cluster has, as definitions come and go, and the kinds of
 * Kubernetes that are named. One watch a kind, whatever the number of objects.
 */
export async function followObjects<T>(input: FollowInput<T>, signal: AbortSignal): Promise<void> {
  const { cluster, sink, facts } = input;

  /** Follows one kind, from its list on, again and again until the signal ends it. */
  const follow = async (
    source: string,
    open: (during: AbortSignal) => Promise<Followed<T> | null>,
    until: AbortSignal,
  ) => {
    while (!until.aborted) {
      const round = new AbortController();
      const both = AbortSignal.any([until, round.signal]);
      const followed = await open(both).catch((error: unknown) => {
        if (!both.aborted) input.onError(error);
        return null;
      });
      if (!followed) {
        await sleep(servedPauseMs, until).catch(() => {});
        continue;
      }
      const { path, tell, keyOf } = followed;
      await watch<Listed & { told: T | null }>(
        cluster.client,
        {
          path,
          // Only what is told stays of an object; the rest is garbage before the next page comes.
          shrink: (raw) => ({ metadata: raw.metadata, told: tell(raw as unknown as Raw) }),
          onList: (items) =>
            sink.list(
              source,
              items.flatMap(({ told }) => (told === null ? [] : [told])),
            ),
          onEvent: (type, { metadata, told }) => {
            if (type === 'DELETED' || told === null) sink.remove(keyOf(metadata));
            else sink.put(told);
          },
          onError: (error) => {
            // The kind is gone, or is served in another version now.
            if (isStatus(error, 404)) round.abort();
            else input.onError(error);
          },
        },
        both,
      );
      if (!until.aborted) await sleep(100, until).catch(() => {});
    }
  };

  const followPolicies = ({ group, kind }: KnownKind, until: AbortSignal) =>
    follow(
      sourceName(group, kind),
      async () => {
        const resource = await cluster.resources.ofGroupKind(group, kind);
        if (!resource) return null;
        const { apiVersion } = resource;
        return {
          path: pathOf(resource),
          tell: (raw) => input.tellPolicy(raw, apiVersion, kind),
          keyOf: (metadata) => keyOfObject(apiVersion, kind, metadata),
        };
      },
      until,
    );

  const followFact = (kind: PlainKind) => {
    const { apiVersion, path } = factPaths[kind];
    return follow(
      factSource(kind),
      async () => ({
        path,
        tell: (raw) => input.tellFact(kind, raw),
        keyOf: (metadata) => keyOfObject(apiVersion, kind, metadata),
      }),
      signal,
    );
  };

  /** Starts and ends the watches of kinds as their definitions come and go. */
  const followKinds = async () => {
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
          sink.drop(name);
        }
      }
      sink.expect([...facts.map(factSource), ...running.keys()]);
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

  await Promise.all([followKinds(), ...facts.map(followFact)]);
}
