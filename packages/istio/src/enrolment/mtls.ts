import type { KubeObject } from '@ambit/contracts/common';
import { matchesLabels, type ClusterFacts, type Labels, type PodFact } from './facts.ts';

export type MtlsMode = 'STRICT' | 'PERMISSIVE' | 'DISABLE';

interface PeerAuthenticationSpec {
  selector?: { matchLabels?: Labels };
  mtls?: { mode?: string };
  portLevelMtls?: Record<string, { mode?: string }>;
}

/**
 * What a pod takes: its own PeerAuthentication comes before its namespace's, and that before the mesh's; PERMISSIVE
 * where none says anything (istio.io, "PeerAuthentication"). ztunnel takes DISABLE as PERMISSIVE.
 */
export function mtlsOf(
  facts: ClusterFacts,
  pod: PodFact,
  port?: number,
): { mode: MtlsMode; by: string } {
  const { namespace = '', labels = {} } = pod.metadata;
  const all = facts.policies.filter(({ kind }) => kind === 'PeerAuthentication');
  const selectorOf = (policy: KubeObject): Labels => specOf(policy).selector?.matchLabels ?? {};
  const isWide = (policy: KubeObject): boolean => Object.keys(selectorOf(policy)).length === 0;
  const inNamespace = (name: string) => all.filter(({ metadata }) => metadata.namespace === name);
  const candidates = [
    ...inNamespace(namespace).filter(
      (one) => !isWide(one) && matchesLabels(selectorOf(one), labels),
    ),
    ...inNamespace(namespace).filter(isWide),
    ...inNamespace(facts.rootNamespace).filter(isWide),
  ];
  for (const policy of candidates) {
    const { mtls, portLevelMtls } = specOf(policy);
    const mode =
      (port === undefined ? undefined : portLevelMtls?.[String(port)]?.mode) ?? mtls?.mode;
    if (mode === 'STRICT' || mode === 'PERMISSIVE' || mode === 'DISABLE') {
      return {
        mode,
        by: `PeerAuthentication ${policy.metadata.namespace}/${policy.metadata.name}`,
      };
    }
  }
  return { mode: 'PERMISSIVE', by: 'the default' };
}

const specOf = (policy: KubeObject): PeerAuthenticationSpec =>
  (policy['spec'] ?? {}) as PeerAuthenticationSpec;
