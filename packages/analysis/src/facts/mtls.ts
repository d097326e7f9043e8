import type { ClientTLSSettings, DestinationRule } from '@ambit/istio/validation/generated/types';
import type { KindName } from '../kinds.ts';
import type { Labels } from '../kubernetes.ts';
import type { Resource } from '../resource.ts';
import { isEmptySelector, selects } from '../selector.ts';
import type { View } from '../view.ts';
import { rootNamespaceOf } from './policies.ts';

/** Kinds that the functions of this file read. */
export const mtlsKinds = [
  'PeerAuthentication',
  'DestinationRule',
  'MeshConfig',
] as const satisfies KindName[];

export type PeerMode = 'DISABLE' | 'PERMISSIVE' | 'STRICT';
export type ClientMode = ClientTLSSettings['mode'];

export type PeerDecision = { mode: PeerMode; by: Resource<'PeerAuthentication'> | undefined };

/** Whether clients choose mutual TLS by themselves where servers take it; on unless the mesh turns it off. */
export const isAutoMtls = (view: View): boolean => view.mesh().enableAutoMtls !== false;

/** The mode that a PeerAuthentication without ports says; UNSET says nothing. */
export function modeOf(policy: Resource<'PeerAuthentication'>): PeerMode | undefined {
  const mode = policy.spec.mtls?.mode;
  return mode === 'DISABLE' || mode === 'PERMISSIVE' || mode === 'STRICT' ? mode : undefined;
}

export const isNamespaceWide = ({ spec }: Resource<'PeerAuthentication'>): boolean =>
  isEmptySelector(spec.selector?.matchLabels);

function wide(view: View, namespace: string): Resource<'PeerAuthentication'> | undefined {
  const all = view.inNamespace('PeerAuthentication', namespace);
  return all.find((policy) => isNamespaceWide(policy) && modeOf(policy) !== undefined);
}

/** The mode of the whole mesh, from the root namespace. */
export function meshMode(view: View): PeerDecision {
  const by = wide(view, rootNamespaceOf(view));
  return { mode: (by && modeOf(by)) ?? 'PERMISSIVE', by };
}

/** The mode of a namespace: its own policy, else the mesh's. */
export function namespaceMode(view: View, namespace: string): PeerDecision {
  const by = wide(view, namespace);
  const mode = by && modeOf(by);
  return mode ? { mode, by } : meshMode(view);
}

/** The mode of pods with the labels: a policy that selects them, else that of the namespace. */
export function workloadMode(view: View, namespace: string, labels: Labels): PeerDecision {
  const by = view
    .inNamespace('PeerAuthentication', namespace)
    .find(
      (policy) =>
        !isNamespaceWide(policy) &&
        modeOf(policy) !== undefined &&
        selects(policy.spec.selector?.matchLabels, labels),
    );
  const mode = by && modeOf(by);
  return mode ? { mode, by } : namespaceMode(view, namespace);
}

/** How clients connect by the rule's policy for all ports. */
export const clientMode = (spec: DestinationRule): ClientMode => {
  const tls = spec.trafficPolicy?.tls;
  return tls ? (tls.mode ?? 'DISABLE') : undefined;
};

export const isMutual = (mode: ClientMode): boolean => mode === 'ISTIO_MUTUAL' || mode === 'MUTUAL';

/** Whether the rule is for every service of the mesh: `*.local`. */
export const isMeshWideHost = (host: string): boolean => host === '*.local' || host === '*';

/** The namespace that the rule's host means as a whole: `*.shop.svc.cluster.local`. */
export function wideNamespaceOf(host: string): string | undefined {
  return /^\*\.(?<namespace>[^.]+)\.svc\.cluster\.local$/.exec(host)?.groups?.['namespace'];
}
