import type { KindName } from './kinds.ts';
import type { Labels } from './kubernetes.ts';
import type { MeshConfig, MeshNetworks } from './mesh.ts';
import type { Resource } from './resource.ts';

/** Finds resources by what is in them. Keys must follow from the resource alone. */
export type Index<K extends KindName = KindName> = {
  name: string;
  kinds: readonly K[];
  keys: (resource: Resource<K>) => Iterable<string>;
};

/** A value that many checks need alike, by key; equal values spare those who asked from running again. */
export type Derivation<V = unknown> = {
  name: string;
  compute: (view: View, key: string) => V;
  /** `Object.is` when left out. */
  isEqual?: (a: V, b: V) => boolean;
};

/** What a check may ask. Every answer is noted as a dependency of the check; lists are ordered by resource id. */
export type View = {
  /** Istio's own findings to the letter, with what is wrong in them. */
  readonly parity: boolean;
  /** A certificate that is valid for less is told as expiring soon. */
  readonly certificateDays: number;
  /** Milliseconds since 1970, fixed for a run. */
  now: () => number;
  /** The resource, of whichever cluster; cluster-scoped kinds have the namespace ''. */
  get: <K extends KindName>(kind: K, namespace: string, name: string) => Resource<K> | undefined;
  /** All of a kind: only for kinds of which there are few. */
  list: <K extends KindName>(kind: K) => readonly Resource<K>[];
  inNamespace: <K extends KindName>(kind: K, namespace: string) => readonly Resource<K>[];
  lookup: <K extends KindName>(index: Index<K>, key: string) => readonly Resource<K>[];
  derive: <V>(derivation: Derivation<V>, key: string) => V;
  /** Pods with all the labels, in one namespace or in all; no labels match every pod. */
  pods: (labels: Selector, namespace?: string) => readonly Resource<'Pod'>[];
  /** As `pods`, when it matters only whether there is one. */
  hasPod: (labels: Selector, namespace?: string) => boolean;
  namespace: (name: string) => Resource<'Namespace'> | undefined;
  mesh: () => MeshConfig;
  meshNetworks: () => MeshNetworks;
};

/** Labels as written in Kubernetes' kinds, or decoded in Istio's. */
export type Selector = Labels | ReadonlyMap<string, string> | undefined;

/** Names must be unique. */
export function defineIndex<const K extends KindName>(index: Index<K>): Index<K> {
  return index;
}

/** Names must be unique; the key says all that the value depends on, beside the view. */
export function defineDerivation<V>(derivation: Derivation<V>): Derivation<V> {
  return derivation;
}
