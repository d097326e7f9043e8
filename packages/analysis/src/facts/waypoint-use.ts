import type { KindName } from '../kinds.ts';
import type { Resource } from '../resource.ts';
import type { View } from '../view.ts';
import { defineDerivation, defineIndex } from '../view.ts';
import {
  ambientKinds,
  isAmbientNamespace,
  isInjectedNamespace,
  waypointOf,
  waypointProblem,
} from './ambient.ts';
import type { WaypointProblem, WaypointRef } from './ambient.ts';
import { knows } from './known.ts';
import { hasSidecar, isGateway } from './workloads.ts';

/** Kinds that the functions of this file read. */
export const waypointUseKinds = [...ambientKinds, 'Pod'] as const satisfies KindName[];

const sidecarPods = defineIndex({
  name: 'pods with sidecars by namespace',
  kinds: ['Pod'],
  keys: (pod) => (hasSidecar(pod) && !isGateway(pod) ? [pod.namespace] : []),
});

const runsSidecars = defineDerivation({
  name: 'namespace has pods with sidecars',
  compute: (view, namespace) => view.lookup(sidecarPods, namespace).length > 0,
});

const sidecarNamespaceNames = defineDerivation({
  name: 'namespaces with sidecars',
  compute: (view) => {
    const areKnown = knows(view, 'Pod');
    return view
      .list('Namespace')
      .filter(({ name }) =>
        areKnown ? view.derive(runsSidecars, name) : isInjectedNamespace(view, name),
      )
      .map(({ name }) => name)
      .join(' ');
  },
});

/** Namespaces whose pods have sidecars; by the labels of namespaces where no pods are known. */
export function namespacesWithSidecars(view: View): string[] {
  const names = view.derive(sidecarNamespaceNames, '');
  return names === '' ? [] : names.split(' ');
}

/** How traffic of ambient callers to a service passes waypoints; undefined outside of ambient mode. */
export type ServiceWaypoint = { ref?: WaypointRef; problem?: WaypointProblem | 'none' };

export function serviceWaypoint(
  view: View,
  { namespace, labels }: Resource<'Service' | 'ServiceEntry'>,
): ServiceWaypoint | undefined {
  const ref = waypointOf(view, namespace, labels);
  if (!ref) return isAmbientNamespace(view, namespace) ? { problem: 'none' } : undefined;
  const problem = waypointProblem(view, ref, namespace, 'service');
  return problem ? { ref, problem } : { ref };
}

const byWaypoint = defineIndex({
  name: 'namespaces by waypoint',
  kinds: ['Namespace'],
  keys: ({ name, labels }) => {
    const waypoint = labels['istio.io/use-waypoint'];
    if (!waypoint || waypoint === 'none') return [];
    return [`${labels['istio.io/use-waypoint-namespace'] ?? name}/${waypoint}`];
  },
});

const environmentLabels = [
  'ambit.dev/environment',
  'environment',
  'env',
  'stage',
  'app.kubernetes.io/environment',
];

/** Whether labels of a namespace say that it is production. */
export function isProduction(view: View, namespace: string): boolean {
  const labels = view.namespace(namespace)?.labels ?? {};
  return environmentLabels.some((label) => /^(?:prod|production|live)$/i.test(labels[label] ?? ''));
}

/** The production namespaces that a waypoint serves, its own among them. */
export function productionNamespaces(view: View, gateway: Resource<'KubernetesGateway'>): string[] {
  const users = view.lookup(byWaypoint, `${gateway.namespace}/${gateway.name}`);
  const names = new Set([gateway.namespace, ...users.map(({ name }) => name)]);
  return [...names].filter((name) => isProduction(view, name)).sort();
}
