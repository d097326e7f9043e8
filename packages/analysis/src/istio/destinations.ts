import type { Destination, VirtualService } from '@ambit/istio/validation/generated/types';
import type { Path } from '../resource.ts';

/** A destination of a VirtualService, with its place. */
export type PlacedDestination = {
  destination: Destination;
  isMirror: boolean;
  /** Of the destination. */
  path: Path;
  /** The path whose line istioctl names for the host. */
  istioPath: Path;
};

/** Destinations of all routes: tcp, tls, then http. */
function routeDestinations(spec: VirtualService): PlacedDestination[] {
  const found: PlacedDestination[] = [];
  for (const protocol of ['tcp', 'tls', 'http'] as const) {
    for (const [index, { route }] of (spec[protocol] ?? []).entries()) {
      for (const [at, { destination = {} }] of (route ?? []).entries()) {
        const path = ['spec', protocol, index, 'route', at, 'destination'];
        found.push({ destination, isMirror: false, path, istioPath: [...path, 'host'] });
      }
    }
  }
  return found;
}

/** Destinations that HTTP routes mirror to. */
function mirrorDestinations(spec: VirtualService): PlacedDestination[] {
  const found: PlacedDestination[] = [];
  for (const [index, { mirror, mirrors }] of (spec.http ?? []).entries()) {
    if (mirror) {
      const path = ['spec', 'http', index, 'mirror'];
      found.push({ destination: mirror, isMirror: true, path, istioPath: [...path, 'host'] });
    }
    for (const [at, { destination = {} }] of (mirrors ?? []).entries()) {
      const path = ['spec', 'http', index, 'mirrors', at];
      found.push({
        destination,
        isMirror: true,
        path: [...path, 'destination'],
        // Istio looks for a host beside the destination, where none ever is.
        istioPath: [...path, 'host'],
      });
    }
  }
  return found;
}

const known = new WeakMap<VirtualService, readonly PlacedDestination[]>();

/** Destinations of all routes (tcp, tls, then http), then those that are mirrored to. Specs never change. */
export function allDestinations(spec: VirtualService): readonly PlacedDestination[] {
  let found = known.get(spec);
  if (!found) known.set(spec, (found = [...routeDestinations(spec), ...mirrorDestinations(spec)]));
  return found;
}
