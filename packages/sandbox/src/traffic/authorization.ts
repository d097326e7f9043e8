import { matchesMap } from '../controllers/selectors.ts';
import type {
  AuthorizationPolicy,
  AuthorizationRule,
  PeerAuthentication,
} from '../istio/objects.ts';
import { rootNamespace, type Peer } from './world.ts';

export interface Access {
  /** SPIFFE identity without its scheme; empty for a caller in plain text. */
  principal: string;
  sourceNamespace: string;
  /** Only known where a proxy reads HTTP. */
  http?: { method: string; path: string };
  port: number;
}

/** A value, a prefix (`a*`), a suffix (`*a`) or anything (`*`), as Istio writes matches. */
export function valueMatches(pattern: string, value: string): boolean {
  if (pattern === '*') return value !== '';
  if (pattern.startsWith('*')) return value.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return value.startsWith(pattern.slice(0, -1));
  return pattern === value;
}

const some = (patterns: string[] | undefined, value: string): boolean =>
  patterns === undefined || patterns.some((pattern) => valueMatches(pattern, value));
const none = (patterns: string[] | undefined, value: string): boolean =>
  patterns === undefined || !patterns.some((pattern) => valueMatches(pattern, value));

function ruleMatches(rule: AuthorizationRule, access: Access, action: string): boolean {
  // Conditions (`when`) are not simulated: a rule that has some never allows, and never denies.
  if (rule.when !== undefined && rule.when.length > 0) return false;
  const from = rule.from ?? [];
  const fits =
    from.length === 0 ||
    from.some(
      ({ source }) =>
        some(source.principals, access.principal) &&
        none(source.notPrincipals, access.principal) &&
        some(source.namespaces, access.sourceNamespace) &&
        none(source.notNamespaces, access.sourceNamespace),
    );
  if (!fits) return false;
  const to = rule.to ?? [];
  return to.length === 0 || to.some(({ operation }) => operationMatches(operation, access, action));
}

function operationMatches(
  operation: NonNullable<AuthorizationRule['to']>[number]['operation'],
  { http, port }: Access,
  action: string,
): boolean {
  const { methods, notMethods, paths, notPaths, ports, notPorts } = operation;
  if (!some(ports, String(port)) || !none(notPorts, String(port))) return false;
  const needsHttp = [methods, notMethods, paths, notPaths].some((list) => list !== undefined);
  if (!needsHttp) return true;
  // Without HTTP, ALLOW rules about it never match, and DENY rules match without that part (istio-facts, section 4).
  if (http === undefined) return action === 'DENY';
  return (
    some(methods, http.method) &&
    none(notMethods, http.method) &&
    some(paths, http.path) &&
    none(notPaths, http.path)
  );
}

/** DENY wins; with ALLOW policies one of them has to match; without any, everything passes (istio.io, AuthorizationPolicy). */
export function isAllowed(policies: AuthorizationPolicy[], access: Access): boolean {
  const actionOf = ({ spec }: AuthorizationPolicy): string => spec.action ?? 'ALLOW';
  const matched = ({ spec }: AuthorizationPolicy, action: string): boolean =>
    (spec.rules ?? []).some((rule) => ruleMatches(rule, access, action));
  if (policies.some((one) => actionOf(one) === 'DENY' && matched(one, 'DENY'))) return false;
  const allows = policies.filter((one) => actionOf(one) === 'ALLOW');
  return allows.length === 0 || allows.some((one) => matched(one, 'ALLOW'));
}

/** Policies a pod's own proxy (or the ztunnel before it) enforces: without targets, by namespace and selector. */
export const policiesOn = (peer: Peer, all: AuthorizationPolicy[]): AuthorizationPolicy[] =>
  all.filter(
    ({ metadata, spec }) =>
      spec.targetRef === undefined &&
      (spec.targetRefs ?? []).length === 0 &&
      (metadata.namespace === rootNamespace || metadata.namespace === peer.namespace) &&
      matchesMap(spec.selector?.matchLabels ?? {}, peer.labels),
  );

/** Policies a waypoint enforces for a Service: those that target the Service or the waypoint's Gateway. */
export const policiesAtWaypoint = (
  service: { namespace: string; name: string },
  waypoint: { namespace: string; name: string },
  all: AuthorizationPolicy[],
): AuthorizationPolicy[] =>
  all.filter(({ metadata, spec }) =>
    [...(spec.targetRefs ?? []), ...(spec.targetRef ? [spec.targetRef] : [])].some(
      ({ kind, name }) =>
        (kind === 'Service' && name === service.name && metadata.namespace === service.namespace) ||
        (kind === 'Gateway' && name === waypoint.name && metadata.namespace === waypoint.namespace),
    ),
  );

/** Whether a pod refuses plain text: by its own PeerAuthentication, else its namespace's, else the mesh's. */
export function isStrict(peer: Peer, port: number, all: PeerAuthentication[]): boolean {
  const isPlain = ({ spec }: PeerAuthentication): boolean =>
    Object.keys(spec.selector?.matchLabels ?? {}).length === 0;
  const own = all.find(
    (one) =>
      one.metadata.namespace === peer.namespace &&
      !isPlain(one) &&
      matchesMap(one.spec.selector?.matchLabels ?? {}, peer.labels),
  );
  const around = all.find((one) => one.metadata.namespace === peer.namespace && isPlain(one));
  const mesh = all.find((one) => one.metadata.namespace === rootNamespace && isPlain(one));
  for (const one of [own, around, mesh]) {
    const mode = one?.spec.portLevelMtls?.[String(port)]?.mode ?? one?.spec.mtls?.mode;
    if (mode !== undefined && mode !== 'UNSET') return mode === 'STRICT';
  }
  return false;
}
