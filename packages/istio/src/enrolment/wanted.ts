import type { EnrolmentMode } from '@ambit/contracts/agent/protocol';
import type { ClusterFacts, Labels, PodFact, ServiceFact } from './facts.ts';
import { servicesOf } from './facts.ts';
import { waypointOfPod, waypointOfService, type WaypointUse } from './waypoint.ts';

export const modeLabel = 'istio.io/dataplane-mode';
export const injectionLabel = 'istio-injection';
export const revisionLabel = 'istio.io/rev';
export const injectLabel = 'sidecar.istio.io/inject';

/** What labels ask for, and which ones. `optOut`: the pod itself says no where its namespace says yes. */
export interface Wanted {
  mode: EnrolmentMode;
  because: string[];
  optOut: string;
}

type Base = Omit<Wanted, 'mode'> & { mode: 'none' | 'sidecar' | 'L4' };

/**
 * Whether labels ask for a sidecar, as the selectors of Istio's injection webhook say (istio.io, "Controlling the
 * injection policy"): `istio-injection` of the namespace comes before `istio.io/rev`, and a pod's own labels count where
 * its namespace says nothing; `sidecar.istio.io/inject=false` always counts.
 */
export function injection(
  namespaceLabels: Labels,
  podLabels: Labels,
  namespace: string,
): { wants: boolean; because: string; isOwn: boolean } {
  const around = namespaceLabels[injectionLabel];
  const revision = namespaceLabels[revisionLabel] ?? '';
  const own = podLabels[injectLabel];
  const no = (because: string) => ({ wants: false, because, isOwn: false });
  if (around === 'disabled') return no(`${injectionLabel}=disabled (Namespace ${namespace})`);
  const asked =
    around === 'enabled'
      ? `${injectionLabel}=enabled (Namespace ${namespace})`
      : around === undefined && revision !== '' && namespaceLabels[modeLabel] !== 'ambient'
        ? `${revisionLabel}=${revision} (Namespace ${namespace})`
        : '';
  if (asked) {
    return own === 'false'
      ? { wants: false, because: `${injectLabel}=false (the pod)`, isOwn: true }
      : { wants: true, because: asked, isOwn: false };
  }
  if (around === undefined && revision === '' && own !== 'false') {
    if (own === 'true')
      return { wants: true, because: `${injectLabel}=true (the pod)`, isOwn: true };
    const ownRevision = podLabels[revisionLabel];
    if (ownRevision) {
      return { wants: true, because: `${revisionLabel}=${ownRevision} (the pod)`, isOwn: true };
    }
  }
  return no('');
}

function baseOf(facts: ClusterFacts, namespace: string, podLabels: Labels): Base {
  const around = facts.namespaces.get(namespace) ?? {};
  const inject = injection(around, podLabels, namespace);
  // A pod that is injected when it is made is never redirected: the sidecar comes first.
  if (inject.wants) return { mode: 'sidecar', because: [inject.because], optOut: '' };
  const own = podLabels[modeLabel];
  if (own === 'ambient') {
    return { mode: 'L4', because: [`${modeLabel}=ambient (the pod)`], optOut: '' };
  }
  if (around[modeLabel] === 'ambient') {
    if (own === undefined) {
      return { mode: 'L4', because: [`${modeLabel}=ambient (Namespace ${namespace})`], optOut: '' };
    }
    const said = `${modeLabel}=${own} (the pod)`;
    return { mode: 'none', because: [said], optOut: said };
  }
  return { mode: 'none', because: [], optOut: inject.isOwn ? inject.because : '' };
}

const withWaypoint = (base: Base, use: WaypointUse | null): Wanted =>
  base.mode === 'L4' && use
    ? { ...base, mode: 'L4+L7', because: [...base.because, use.because] }
    : base;

/** What a pod is to be. A pod on the node's network is never taken in (istio.io, "Ambient: add workloads"). */
export function wantedOfPod(facts: ClusterFacts, pod: PodFact): Wanted {
  const { namespace = '', labels = {} } = pod.metadata;
  const base = baseOf(facts, namespace, labels);
  if (pod.spec?.hostNetwork && base.mode !== 'none') {
    return { mode: 'none', because: base.because, optOut: "it uses the node's network" };
  }
  return withWaypoint(base, waypointForPod(facts, pod));
}

/** A waypoint on the way to the pod: of a Service in front of it, or its own. */
export function waypointForPod(facts: ClusterFacts, pod: PodFact): WaypointUse | null {
  for (const service of servicesOf(facts, pod)) {
    const use = waypointOfService(facts, service);
    if (use) return use;
  }
  return waypointOfPod(facts, pod);
}

export function wantedOfNamespace(facts: ClusterFacts, namespace: string): Wanted {
  const base = baseOf(facts, namespace, {});
  const labels = facts.namespaces.get(namespace) ?? {};
  const use = waypointOfService(facts, { metadata: { name: '', namespace, labels: {} } });
  return labels[modeLabel] === 'ambient' ? withWaypoint(base, use) : base;
}

/** What a Service is to be: what its pods are to be, and whether a waypoint stands before it. */
export function wantedOfService(
  facts: ClusterFacts,
  service: ServiceFact,
  pods: readonly PodFact[],
): Wanted {
  const { namespace = '' } = service.metadata;
  const bases = pods.map((pod) => wantedOfPod(facts, pod));
  const first =
    bases.find(({ mode }) => mode === 'L4' || mode === 'L4+L7') ??
    bases.find(({ mode }) => mode !== 'none') ??
    bases[0] ??
    baseOf(facts, namespace, {});
  if (first.mode === 'none' || first.mode === 'sidecar') return first;
  const use = waypointOfService(facts, service);
  const because = first.because.filter((one) => one.includes(modeLabel));
  return use
    ? { mode: 'L4+L7', because: [...because, use.because], optOut: '' }
    : { mode: 'L4', because, optOut: '' };
}
