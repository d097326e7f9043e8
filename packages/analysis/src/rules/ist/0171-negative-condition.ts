import type { KindName } from '../../kinds.ts';
import type { Condition } from '../../kubernetes.ts';
import type { Path } from '../../resource.ts';
import { defineRule } from '../../rule.ts';

const waypoint = { 'istio.io/WaypointBound': 'False' };
const attachment = { Accepted: 'False', Programmed: 'False', ResolvedRefs: 'False' };

/** The status by which a condition says no, by kind and type. */
const negative: Partial<Record<KindName, Readonly<Record<string, string>>>> = {
  Service: waypoint,
  ServiceEntry: waypoint,
  WorkloadEntry: waypoint,
  AuthorizationPolicy: { ZtunnelAccepted: 'False', WaypointAccepted: 'False' },
  KubernetesGateway: attachment,
  HTTPRoute: attachment,
  GRPCRoute: attachment,
};

type Status = { conditions?: Condition[]; parents?: { conditions?: Condition[] }[] };

function conditionsOf(kind: KindName, value: unknown): [Condition, Path][] {
  if (typeof value !== 'object' || value === null) return [];
  const status = value as Status;
  const list = (conditions: unknown, path: Path): [Condition, Path][] =>
    Array.isArray(conditions)
      ? conditions
          .filter((one): one is Condition => typeof one === 'object' && one !== null)
          .map((one, index) => [one, [...path, index]])
      : [];
  if (kind !== 'HTTPRoute' && kind !== 'GRPCRoute') {
    return list(status.conditions, ['status', 'conditions']);
  }
  const parents = Array.isArray(status.parents) ? status.parents : [];
  return parents.flatMap((parent, index) =>
    list(parent?.conditions, ['status', 'parents', index, 'conditions']),
  );
}

export const negativeCondition = defineRule({
  id: 'IST0171/status',
  code: 'IST0171',
  severity: 'warning',
  title: 'Controller reports a problem in status',
  explanation:
    'The status of the resource has a condition by which istiod (or a gateway controller) says that it could not do what the resource asks: it was not accepted, not programmed, a reference was not resolved, or a waypoint was not bound.',
  howToFix: 'Do what the message of the condition says.',
  cause: 'A controller wrote this condition after reading the resource.',
  consequence: 'The resource, or a part of it, is not in effect.',
  kinds: [
    'Service',
    'ServiceEntry',
    'WorkloadEntry',
    'AuthorizationPolicy',
    'KubernetesGateway',
    'HTTPRoute',
    'GRPCRoute',
  ],
  reads: [],
  check: ({ kind, status }, _view, report) => {
    for (const [condition, path] of conditionsOf(kind, status)) {
      const { type = '', reason = '', message = '' } = condition;
      const isNegative = (negative[kind]?.[type] ?? '') === (condition.status ?? '');
      const isPartial =
        kind === 'AuthorizationPolicy' &&
        type === 'WaypointAccepted' &&
        reason === 'PartiallyInvalid';
      if (!isNegative && !isPartial) continue;
      report({
        message: `${type} is ${condition.status ?? 'unknown'} (${reason}): ${message}`,
        istioText: `${type} ${reason} ${message}`,
        path,
      });
    }
  },
  examples: [
    {
      title: 'a route that a parent did not accept, and a Service without its waypoint',
      aspect: 'positive',
      yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec: {parentRefs: [{name: main}]}
status:
  parents:
  - conditions:
    - {type: Accepted, status: "False", reason: NotAllowedByListeners, message: no listener takes it}
    - {type: ResolvedRefs, status: "True", reason: ResolvedRefs}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
status: {conditions: [{type: istio.io/WaypointBound, status: "False", reason: WaypointMissing}]}
`,
      expect: [
        { resource: 'HTTPRoute shop/web', path: 'status.parents[0].conditions[0]' },
        { resource: 'Service shop/web' },
      ],
    },
    {
      title: 'all is well, or nothing is said',
      aspect: 'negative',
      yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: main, namespace: shop}
status: {conditions: [{type: Accepted, status: "True"}, {type: Programmed, status: Unknown}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
`,
      expect: [],
    },
    {
      title: 'a policy that the waypoint takes in part',
      aspect: 'ambient',
      yaml: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: p, namespace: shop}
status: {conditions: [{type: WaypointAccepted, status: "True", reason: PartiallyInvalid, message: one target is gone}]}
`,
      expect: [{ resource: 'AuthorizationPolicy shop/p' }],
    },
  ],
});
