import type { ServicePort } from '../kubernetes.ts';
import type { Resource } from '../resource.ts';
import { selects } from '../selector.ts';
import { defineIndex } from '../view.ts';
import type { View } from '../view.ts';
import { deploymentHasSidecar } from './in-mesh.ts';
import { isMadeForWaypoint } from './ownership.ts';

/** Services by one label that they select, and their namespace: enough to find those of a pod. */
const servicesByLabel = defineIndex({
  name: 'services by a selected label',
  kinds: ['Service'],
  keys: ({ namespace, spec }) => {
    for (const key in spec.selector) return [`${namespace}|${key}=${spec.selector[key]}`];
    return [];
  },
});

const portsOf = (services: readonly Resource<'Service'>[]): number =>
  services.reduce((sum, { spec }) => sum + (spec.ports?.length ?? 0), 0);

/** The Services of a Deployment (see `servicesOf`) where they have several ports: one alone conflicts with nothing. */
export function servicesWithSeveralPorts(
  deployment: Resource<'Deployment'>,
  view: View,
): readonly Resource<'Service'>[] {
  const found = servicesOf(deployment, view);
  return portsOf(found) < 2 ? [] : found;
}

/** Services that select the pods of a Deployment with sidecars; none for waypoints. */
export function servicesOf(deployment: Resource<'Deployment'>, view: View): Resource<'Service'>[] {
  if (isMadeForWaypoint(deployment.labels) || !deploymentHasSidecar(deployment, view)) return [];
  const labels = deployment.spec.template?.metadata?.labels ?? {};
  const found: Resource<'Service'>[] = [];
  for (const key in labels) {
    for (const service of view.lookup(
      servicesByLabel,
      `${deployment.namespace}|${key}=${labels[key]}`,
    )) {
      if (selects(service.spec.selector, labels)) found.push(service);
    }
  }
  return found;
}

/** A port's target as text: a number, or the name of a container port. */
export function targetPortOf({ port, targetPort }: ServicePort): string {
  const written = targetPort === undefined || targetPort === null ? '' : String(targetPort);
  return written === '' || written === '0' ? String(port ?? 0) : written;
}
