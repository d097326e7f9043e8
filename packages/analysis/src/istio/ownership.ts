import type { Labels } from '../kubernetes.ts';

/** Whether labels say that a resource is part of Istio itself. */
export function isControlPlane(labels: Labels): boolean {
  return labels['istio'] !== undefined || labels['release'] === 'istio';
}

export const managedLabel = 'gateway.istio.io/managed';

const controllers = new Set([
  'istio.io-gateway-controller',
  'istio.io-mesh-controller',
  'istio.io-eastwest-controller',
]);

/** Whether istiod made the resource for a Gateway. */
export function isMadeForGateway(labels: Labels): boolean {
  return controllers.has(labels[managedLabel] ?? '');
}

/** Whether istiod made the resource for a waypoint. */
export function isMadeForWaypoint(labels: Labels): boolean {
  return labels[managedLabel] === 'istio.io-mesh-controller';
}
