import { chance, may, pick, some } from './dice.ts';
import type { Dice } from './dice.ts';
import { named } from './kubernetes.ts';
import { labels, names, selector } from './pools.ts';

type Fields = Record<string, unknown>;

function conditions(dice: Dice): Fields[] {
  return some(dice, 1, 2, () => ({
    type: pick(dice, [
      'Accepted',
      'Programmed',
      'ResolvedRefs',
      'Ready',
      'WaypointBound',
      'istio.io/WaypointBound',
      'PartiallyInvalid',
      'ZtunnelAccepted',
    ]),
    status: pick(dice, ['True', 'False', 'Unknown']),
    reason: pick(dice, ['a', 'b']),
    message: pick(dice, ['x', 'y']),
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }));
}

export function gatewayApiGateway(dice: Dice): Fields {
  return {
    apiVersion: `gateway.networking.k8s.io/${pick(dice, ['v1', 'v1beta1'])}`,
    kind: 'Gateway',
    metadata: named(dice),
    spec: {
      gatewayClassName: pick(dice, ['istio', 'istio-waypoint']),
      listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
    },
    ...may(dice, 2, 'status', () => ({ conditions: conditions(dice) })),
  };
}

export function httpRoute(dice: Dice): Fields {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: named(dice),
    spec: { parentRefs: [{ name: pick(dice, names) }], rules: [] },
    ...may(dice, 2, 'status', () => ({
      parents: some(dice, 1, 2, () => ({
        parentRef: { name: pick(dice, names) },
        controllerName: 'istio.io/gateway-controller',
        conditions: conditions(dice),
      })),
    })),
  };
}

/** Pods that istiod made for a Gateway, and policies that select them. */
export function gatewayPod(dice: Dice): Fields {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: named(
      dice,
      {
        labels: {
          ...labels(dice),
          [pick(dice, ['gateway.networking.k8s.io/gateway-name', 'istio.io/gateway-name'])]: pick(
            dice,
            names,
          ),
        },
      },
      `gateway-${dice(3)}`,
    ),
    spec: { containers: [{ name: 'istio-proxy', image: 'x' }] },
  };
}

export function policyWithSelector(dice: Dice): Fields {
  const [group, kind, spec] = pick(dice, [
    ['security.istio.io/v1', 'AuthorizationPolicy', {}],
    ['security.istio.io/v1', 'RequestAuthentication', {}],
    ['telemetry.istio.io/v1', 'Telemetry', {}],
    ['extensions.istio.io/v1alpha1', 'WasmPlugin', { url: 'oci://a/b' }],
  ] as const);
  return {
    apiVersion: group,
    kind,
    metadata: named(dice),
    spec: {
      ...spec,
      selector: { matchLabels: selector(dice) },
      ...(chance(dice, 5)
        ? { targetRefs: [{ kind: 'Gateway', group: 'gateway.networking.k8s.io', name: 'gw' }] }
        : {}),
    },
    ...may(dice, 4, 'status', () => ({ conditions: conditions(dice) })),
  };
}
