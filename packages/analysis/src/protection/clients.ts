import { isAmbient, isInjectedNamespace } from '../facts/ambient.ts';
import { gatewayRouteKinds, routeFromGateway } from '../facts/gateway-routes.ts';
import { guardAtPods, l4GuardKinds, type L4Guard } from '../facts/l4-guard.ts';
import { mtlsKinds, workloadMode } from '../facts/mtls.ts';
import { namespacesWithSidecars, waypointUseKinds } from '../facts/waypoint-use.ts';
import {
  controllerKinds,
  hasSidecar,
  isGateway,
  podLabels,
  workloadKinds,
  workloads,
  type Workload,
} from '../facts/workloads.ts';
import type { KindName } from '../kinds.ts';
import type { Labels } from '../kubernetes.ts';
import type { Resource } from '../resource.ts';
import { isEmptySelector } from '../selector.ts';
import type { View } from '../view.ts';
import { defineDerivation, defineIndex } from '../view.ts';

/** Kinds that the functions of this file read. */
export const clientKinds = [
  ...l4GuardKinds,
  ...mtlsKinds,
  ...gatewayRouteKinds,
  ...waypointUseKinds,
  ...workloadKinds,
] as const satisfies KindName[];

const injectLabel = 'sidecar.istio.io/inject';

const askForSidecars = defineIndex({
  name: 'workloads that ask for a sidecar themselves',
  kinds: [...controllerKinds, 'Pod'],
  keys: (workload) =>
    podLabels(workload)[injectLabel] === 'true' && !isGateway(workload) ? ['all'] : [],
});

const injectedNames = defineDerivation({
  name: 'namespaces that ask for sidecars',
  compute: (view) =>
    view
      .list('Namespace')
      .filter(({ name }) => isInjectedNamespace(view, name))
      .map(({ name }) => name)
      .join(' '),
});

/** Where clients have sidecars, or get them with their next pod. */
export const haveSidecars = defineDerivation({
  name: 'there are clients with sidecars',
  compute: (view) =>
    namespacesWithSidecars(view).length > 0 ||
    view.derive(injectedNames, '') !== '' ||
    view.lookup(askForSidecars, 'all').length > 0,
});

/** How pods of the workload send and take traffic; who is to get a sidecar counts as having one. */
export function carrierOf(view: View, workload: Workload): 'ambient' | 'sidecar' | 'none' {
  const { namespace } = workload;
  const labels = podLabels(workload);
  if (workload.kind === 'Pod' && hasSidecar(workload)) return 'sidecar';
  const own = labels[injectLabel];
  const isInjected = own === undefined ? isInjectedNamespace(view, namespace) : own === 'true';
  if (isInjected) return 'sidecar';
  return isAmbient(view, namespace, labels) ? 'ambient' : 'none';
}

/** Whether a ztunnel or a sidecar stands before pods of the workload now, which enforces L4 policies. */
export function isCarried(view: View, workload: Workload): boolean {
  if (isAmbient(view, workload.namespace, podLabels(workload))) return true;
  return workload.kind === 'Pod' ? hasSidecar(workload) : carrierOf(view, workload) === 'sidecar';
}

/** What L4 policies refuse at the pods of the workload, where something enforces them. */
export const guardOfWorkload = (view: View, workload: Workload): L4Guard =>
  isCarried(view, workload) ? guardAtPods(view, workload.namespace, podLabels(workload)) : 'nobody';

/** Pods that a policy is meant to protect; by labels alone where no workload is known. */
export interface Place {
  namespace: string;
  labels: Labels;
  workloads: Workload[];
}

export const placeOfWorkload = (workload: Workload): Place => ({
  namespace: workload.namespace,
  labels: podLabels(workload),
  workloads: [workload],
});

export const placeOfService = (
  view: View,
  { namespace, spec: { selector = {} } }: Resource<'Service'>,
): Place => ({
  namespace,
  labels: selector,
  workloads: isEmptySelector(selector)
    ? []
    : workloads(view, selector, namespace).filter((one) => !isGateway(one)),
});

/** The weakest guard of the place. */
export function guardOf(view: View, { namespace, labels, workloads: all }: Place): L4Guard {
  const found =
    all.length > 0
      ? all.map((one) => guardOfWorkload(view, one))
      : [isAmbient(view, namespace, labels) ? guardAtPods(view, namespace, labels) : 'nobody'];
  return found.includes('nobody')
    ? 'nobody'
    : found.includes('plain text')
      ? 'plain text'
      : 'unnamed';
}

/** Whether mTLS is demanded all over the place. */
export function isStrict(view: View, { namespace, labels, workloads: all }: Place): boolean {
  const mode = (of: Labels) => workloadMode(view, namespace, of).mode;
  return all.length > 0
    ? all.every((one) => isCarried(view, one) && mode(podLabels(one)) === 'STRICT')
    : isAmbient(view, namespace, labels) && mode(labels) === 'STRICT';
}

/** Whether gateways that lead to the Service take its waypoint, or none leads there. */
export function isIngressThrough(view: View, service: Resource<'Service'>): boolean {
  const label = 'istio.io/ingress-use-waypoint';
  const around = view.namespace(service.namespace)?.labels[label];
  return (
    (service.labels[label] ?? around) === 'true' ||
    !routeFromGateway(view, service.namespace, service.name)
  );
}
