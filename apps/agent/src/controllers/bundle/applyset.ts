import { createHash } from 'node:crypto';
import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { KubeObject, ObjectRef } from '@ambit/contracts/common';
import { groupOf } from '../../kube/resources.ts';

/** ApplySet labels and annotations (KEP-3659, "kubectl apply --prune" v2). */
export const partOfLabel = 'applyset.kubernetes.io/part-of';
export const idLabel = 'applyset.kubernetes.io/id';
export const toolingAnnotation = 'applyset.kubernetes.io/tooling';
export const groupKindsAnnotation = 'applyset.kubernetes.io/contains-group-kinds';
export const namespacesAnnotation = 'applyset.kubernetes.io/additional-namespaces';

/** Labels of ours begin with it; `bundleLabel` says which bundle an object belongs to. */
export const ownPrefix = 'ambit.dev/';
export const bundleLabel = 'ambit.dev/bundle';

export const tooling = 'ambit-agent/v1';
export const parentName = (bundle: string): string => `ambit-bundle-${bundle}`;

/** `applyset-` + base64url(sha256("name.namespace.kind.group")) + `-v1`, as the KEP says. */
export function applySetId(name: string, namespace: string): string {
  const digest = createHash('sha256').update(`${name}.${namespace}.ConfigMap.`).digest('base64url');
  return `applyset-${digest}-v1`;
}

/** `Kind.group`, or `Kind` in the core group. */
export function groupKind({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): string {
  const group = groupOf(apiVersion);
  return group ? `${kind}.${group}` : kind;
}

export function parseGroupKind(text: string): { group: string; kind: string } {
  const dot = text.indexOf('.');
  return dot < 0
    ? { group: '', kind: text }
    : { group: text.slice(dot + 1), kind: text.slice(0, dot) };
}

/** Group, kind, namespace and name: one object of a cluster, in whatever version it is written. */
export const keyOf = (ref: ObjectRef): string =>
  `${groupKind(ref)}/${ref.namespace ?? ''}/${ref.name}`;

export const refOf = ({ apiVersion, kind, metadata }: KubeObject): ObjectRef => ({
  apiVersion,
  kind,
  ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
  name: metadata.name,
});

/** Namespaces belong to everybody: a bundle sets fields on them, and never owns, prunes or deletes one. */
export const isShared = (bundle: Pick<Bundle, 'ownership'>, { kind, apiVersion }: ObjectRef) =>
  bundle.ownership === 'fields' || (kind === 'Namespace' && apiVersion === 'v1');

/** The object as a member of the set. */
export function asMember(object: KubeObject, id: string, bundle: string): KubeObject {
  const labels = { ...object.metadata.labels, [partOfLabel]: id, [bundleLabel]: bundle };
  return { ...object, metadata: { ...object.metadata, labels } };
}

export interface ParentState {
  groupKinds: string[];
  namespaces: string[];
  /** Digest that was applied as a whole, last. */
  digest: string | null;
  /** How many phases of which digest were applied and waited for: where a restarted agent goes on. */
  progress: { digest: string; phases: number } | null;
  /** Objects of others on which fields were set. */
  shared: ObjectRef[];
}

export const emptyParent: ParentState = {
  groupKinds: [],
  namespaces: [],
  digest: null,
  progress: null,
  shared: [],
};

const digestAnnotation = `${ownPrefix}digest`;
const progressAnnotation = `${ownPrefix}progress`;
const split = (text: string | undefined): string[] => (text ? text.split(',').filter(Boolean) : []);

/** The parent ConfigMap of a bundle's set, as it is applied. */
export function parentObject(bundle: string, namespace: string, state: ParentState): KubeObject {
  const name = parentName(bundle);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace,
      labels: { [idLabel]: applySetId(name, namespace), [bundleLabel]: bundle },
      annotations: {
        [toolingAnnotation]: tooling,
        [groupKindsAnnotation]: [...state.groupKinds].sort().join(','),
        [namespacesAnnotation]: [...state.namespaces].sort().join(','),
        ...(state.digest ? { [digestAnnotation]: state.digest } : {}),
        ...(state.progress
          ? { [progressAnnotation]: `${state.progress.digest} ${state.progress.phases}` }
          : {}),
      },
    },
    data: { shared: JSON.stringify(state.shared) },
  };
}

/** Reads a parent as it stands in the cluster; what somebody broke in it counts as empty. */
export function readParent(object: KubeObject): ParentState {
  const annotations = object.metadata.annotations ?? {};
  const [digest, phases] = (annotations[progressAnnotation] ?? '').split(' ');
  const data = (object as { data?: Record<string, string> }).data ?? {};
  let shared: ObjectRef[] = [];
  try {
    shared = JSON.parse(data['shared'] ?? '[]') as ObjectRef[];
  } catch {
    // Edited by hand; fields that were set then stay where they are.
  }
  return {
    groupKinds: split(annotations[groupKindsAnnotation]),
    namespaces: split(annotations[namespacesAnnotation]),
    digest: annotations[digestAnnotation] ?? null,
    progress: digest && Number(phases) > 0 ? { digest, phases: Number(phases) } : null,
    shared: Array.isArray(shared) ? shared : [],
  };
}
