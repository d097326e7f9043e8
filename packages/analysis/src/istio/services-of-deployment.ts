import type { ServicePort } from '../kubernetes.ts';
import type { Resource } from '../resource.ts';
import { selectorPairs, selects } from '../selector.ts';
import { defineIndex } from '../view.ts';
import type { View } from '../view.ts';
import { deploymentHasSidecar } from './in-mesh.ts';
import { isMadeForWaypoint } from './ownership.ts';

/** Services by one label that they select, and their namespace: enough to find those of a pod. */
const servicesByLabel = defineIndex({
  name: 'services by a selected label',
  kinds: ['Service'],
  keys: ({ namespace, spec }) => {
    const [first] = selectorPairs(spec.selector ?? {});
    return first ? [`${namespace}|${first[0]}=${first[1]}`] : [];
  },
});

/** Services that select the pods of a Deployment with sidecars; none for waypoints. */
export function servicesOf(deployment: Resource<'Deployment'>, view: View): Resource<'Service'>[] {
  if (isMadeForWaypoint(deployment.labels) || !deploymentHasSidecar(deployment, view)) return [];
  const labels = deployment.spec.template?.metadata?.labels ?? {};
  return Object.entries(labels).flatMap(([key, value]) =>
    view
      .lookup(servicesByLabel, `${deployment.namespace}|${key}=${value}`)
      .filter(({ spec }) => selects(spec.selector, labels)),
  );
}

/** A port's target as text: a number, or the name of a container port. */
export function targetPortOf({ port, targetPort }: ServicePort): string {
  const written = targetPort === undefined || targetPort === null ? '' : String(targetPort);
  return written === '' || written === '0' ? String(port ?? 0) : written;
}
