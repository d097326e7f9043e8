import type {
  DestinationRule,
  PolicyTargetReference,
  Telemetry,
  TrafficPolicy,
  VirtualService,
} from '@ambit/istio/validation/generated/types';
import { isL7Authorization } from '@ambit/istio/l7';
import type { KindName } from '../kinds.ts';
import type { Path, Resource } from '../resource.ts';
import type { View } from '../view.ts';
import { defaultIstioNamespace } from '../snapshot.ts';
import { isAmbientNamespace, waypointOf, waypointProblem } from './ambient.ts';
import type { WaypointProblem, WaypointRef } from './ambient.ts';

/** Kinds of policies that attach by `selector` or by `targetRefs`. */
export type Policy = Resource<
  'AuthorizationPolicy' | 'RequestAuthentication' | 'WasmPlugin' | 'Telemetry' | 'TrafficExtension'
>;

/** Kinds that `attachments` reads. */
export const attachmentKinds = [
  'Namespace',
  'KubernetesGateway',
  'GatewayClass',
  'Service',
  'ServiceEntry',
  'MeshConfig',
] as const satisfies KindName[];

export const rootNamespaceOf = (view: View): string =>
  view.mesh().rootNamespace ?? defaultIstioNamespace;

/** References of a policy with their places: `targetRef` is the old spelling of one. */
export function targetRefs(policy: Policy): { ref: PolicyTargetReference; path: Path }[] {
  const { spec } = policy;
  const old = 'targetRef' in spec ? spec.targetRef : undefined;
  return [
    ...(old ? [{ ref: old, path: ['spec', 'targetRef'] }] : []),
    ...(spec.targetRefs ?? []).map((ref, index) => ({ ref, path: ['spec', 'targetRefs', index] })),
  ];
}

export const hasTargetRefs = (policy: Policy): boolean => targetRefs(policy).length > 0;

export { l7Parts } from '@ambit/istio/l7';

const isL7TrafficPolicy = (policy: TrafficPolicy | undefined): boolean =>
  policy?.connectionPool?.http !== undefined ||
  policy?.outlierDetection !== undefined ||
  policy?.loadBalancer?.consistentHash?.httpHeaderName !== undefined ||
  policy?.loadBalancer?.consistentHash?.httpCookie !== undefined;

/** Whether a DestinationRule asks for what only an HTTP proxy does. */
export function isL7DestinationRule(spec: DestinationRule): boolean {
  return [spec.trafficPolicy, ...(spec.subsets ?? []).map((subset) => subset.trafficPolicy)].some(
    isL7TrafficPolicy,
  );
}

/** Whether a VirtualService routes requests inside the mesh by what only an HTTP or TLS proxy sees. */
export function isL7VirtualService({ http, tls, gateways }: VirtualService): boolean {
  if (!http?.length && !tls?.length) return false;
  return !gateways?.length || gateways.includes('mesh');
}

export function isL7Telemetry({ tracing, accessLogging, metrics }: Telemetry): boolean {
  if (tracing?.length || accessLogging?.length) return true;
  return metrics?.some(({ overrides }) => overrides && overrides.length > 0) ?? false;
}

/** Whether the policy needs an HTTP proxy. A CUSTOM or AUDIT action is L7 work as well. */
export function isL7Policy(policy: Policy): boolean {
  switch (policy.kind) {
    case 'AuthorizationPolicy':
      return isL7Authorization(policy.spec);
    case 'Telemetry':
      return isL7Telemetry(policy.spec);
    default:
      return true;
  }
}

/** Something that a policy is meant for, and what stands between it and a waypoint. */
export type Attachment = {
  path: Path;
  /** `Service shop/web`, `namespace shop`. */
  what: string;
  /** The place is that of ambient traffic, so that only a waypoint could enforce the policy. */
  isAmbient: boolean;
  waypoint?: WaypointRef;
  problem?: WaypointProblem | 'none';
};

function serviceAttachment(
  view: View,
  policy: Policy,
  ref: PolicyTargetReference,
  path: Path,
): Attachment | undefined {
  const kind = ref.kind === 'ServiceEntry' ? 'ServiceEntry' : 'Service';
  const { namespace } = policy;
  const target = view.get(kind, namespace, ref.name ?? '');
  const waypoint = waypointOf(view, namespace, target?.labels);
  const problem = waypoint ? waypointProblem(view, waypoint, namespace, 'service') : 'none';
  return {
    path,
    what: `${kind} ${namespace}/${ref.name}`,
    isAmbient: isAmbientNamespace(view, namespace) || waypoint !== undefined,
    ...(waypoint ? { waypoint } : {}),
    ...(problem ? { problem } : {}),
  };
}

/** What the references of a policy lead to; Gateways and classes count when they are or should be waypoints. */
export function attachments(view: View, policy: Policy): Attachment[] {
  const found: Attachment[] = [];
  for (const { ref, path } of targetRefs(policy)) {
    if (ref.kind === 'Service' || ref.kind === 'ServiceEntry') {
      const attachment = serviceAttachment(view, policy, ref, path);
      if (attachment) found.push(attachment);
    }
    if (ref.kind === 'Gateway') {
      const waypoint: WaypointRef = {
        namespace: policy.namespace,
        name: ref.name ?? '',
        from: 'resource',
      };
      const gateway = view.get('KubernetesGateway', waypoint.namespace, waypoint.name);
      const problem = gateway
        ? waypointProblem(view, waypoint, policy.namespace)
        : ('missing' as const);
      found.push({
        path,
        what: `Gateway ${policy.namespace}/${ref.name}`,
        isAmbient: isAmbientNamespace(view, policy.namespace),
        waypoint,
        ...(problem && problem !== 'no waypoint' ? { problem } : {}),
      });
    }
  }
  return found;
}
