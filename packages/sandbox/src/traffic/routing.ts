import type {
  BackendRef,
  Destination,
  HttpRoute,
  HttpRouteConfig,
  HttpRouteMatch,
  StringMatch,
  VirtualService,
} from '../istio/objects.ts';
import { matchesMap } from '../controllers/selectors.ts';

export interface RequestFacts {
  method: string;
  path: string;
  headers: Record<string, string>;
  sourceLabels: Record<string, string>;
  port: number;
}

export interface WeightedBackend {
  namespace: string;
  name: string;
  subset?: string;
  weight: number;
}

/** What the rules make of a request. */
export interface RouteDecision {
  backends: WeightedBackend[];
  abort?: { status: number; percent: number };
  delay?: { ms: number; percent: number };
  timeoutMs?: number;
  retries: number;
  /** Answers of 5xx are tried again too, not only connections that failed. */
  retriesAnswers?: boolean;
  /** Answered by the proxy itself. */
  respond?: number;
}

/** Istio retries twice unless told otherwise (istio.io, "Traffic management": retries). */
const usualRetries = 2;

const direct = (namespace: string, name: string): RouteDecision => ({
  backends: [{ namespace, name, weight: 1 }],
  retries: usualRetries,
});

/** `cart`, `cart.shop` or `cart.shop.svc.cluster.local`, as seen from a namespace. */
export function hostOf(host: string, namespace: string): { namespace: string; name: string } {
  const [name = '', where] = host.split('.');
  return { name, namespace: where ?? namespace };
}

/** Milliseconds of a duration such as `1.5s`, `200ms`, `1m30s`; undefined for none, or for zero. */
export function durationMs(text: string | undefined): number | undefined {
  const unit: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  let total = 0;
  for (const [, value, name] of (text ?? '').matchAll(/([\d.]+)(ms|s|m|h)/g)) {
    total += Number(value) * unit[name!]!;
  }
  return total > 0 ? total : undefined;
}

export interface Rules {
  virtualServices: VirtualService[];
  routes: HttpRoute[];
}

/**
 * What a proxy that knows the routes does with a request to a Service: an HTTPRoute for the Service first, else a
 * VirtualService for its host, else straight there. The oldest of several wins.
 */
export function routeRequest(
  service: { namespace: string; name: string },
  request: RequestFacts,
  rules: Rules,
): RouteDecision {
  const oldest = <T extends { metadata: { creationTimestamp: string; name: string } }>(all: T[]) =>
    [...all].sort(
      (a, b) =>
        a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp) ||
        a.metadata.name.localeCompare(b.metadata.name),
    );
  const routes = oldest(rules.routes.filter((route) => isFor(route, service, request.port)));
  if (routes.length > 0) return byHttpRoutes(routes, service, request);
  const [virtual] = oldest(rules.virtualServices.filter((one) => isForHost(one, service)));
  return virtual
    ? byVirtualService(virtual, service, request)
    : direct(service.namespace, service.name);
}

function isFor(
  { metadata, spec }: HttpRoute,
  service: { namespace: string; name: string },
  requestPort: number,
): boolean {
  return (spec.parentRefs ?? []).some(
    ({ kind, name, namespace = metadata.namespace, port }) =>
      kind === 'Service' &&
      name === service.name &&
      namespace === service.namespace &&
      (port === undefined || port === requestPort),
  );
}

function isForHost(
  { metadata, spec }: VirtualService,
  service: { namespace: string; name: string },
): boolean {
  const { gateways } = spec;
  if (gateways && gateways.length > 0 && !gateways.includes('mesh')) return false;
  return spec.hosts.some((text) => {
    if (text === '*') return true;
    const host = hostOf(text, metadata.namespace ?? '');
    return host.name === service.name && host.namespace === service.namespace;
  });
}

function byHttpRoutes(
  routes: HttpRoute[],
  service: { namespace: string; name: string },
  request: RequestFacts,
): RouteDecision {
  for (const { metadata, spec } of routes) {
    for (const rule of spec.rules ?? [{}]) {
      const matches = rule.matches ?? [];
      if (matches.length > 0 && !matches.some((match) => routeMatches(match, request))) continue;
      const redirect = rule.filters?.some(({ type }) => type === 'RequestRedirect');
      const backends = (rule.backendRefs ?? []).map((ref) =>
        backendOf(ref, metadata.namespace ?? ''),
      );
      const timeoutMs = durationMs(rule.timeouts?.request);
      return {
        backends,
        retries: rule.retry?.attempts ?? usualRetries,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        // A rule without backends answers 500 (Gateway API, HTTPRouteRule.backendRefs).
        ...(redirect ? { respond: 302 } : backends.length === 0 ? { respond: 500 } : {}),
      };
    }
  }
  return { ...direct(service.namespace, service.name), backends: [], respond: 404 };
}

const backendOf = (
  { name, namespace, weight = 1 }: BackendRef,
  around: string,
): WeightedBackend => ({
  name,
  namespace: namespace ?? around,
  weight,
});

function routeMatches(
  { path, headers = [], method }: HttpRouteMatch,
  request: RequestFacts,
): boolean {
  if (method !== undefined && method !== request.method) return false;
  if (
    path?.value !== undefined &&
    !pathMatches(path.type ?? 'PathPrefix', path.value, request.path)
  ) {
    return false;
  }
  return headers.every(({ type, name, value }) => {
    const given = request.headers[name.toLowerCase()];
    if (given === undefined) return false;
    return type === 'RegularExpression' ? whole(value).test(given) : given === value;
  });
}

function pathMatches(type: string, value: string, path: string): boolean {
  if (type === 'Exact') return path === value;
  if (type === 'RegularExpression') return whole(value).test(path);
  const prefix = value.endsWith('/') ? value.slice(0, -1) : value;
  return path === prefix || path.startsWith(`${prefix}/`);
}

/** A pattern that cannot be read matches nothing. */
function whole(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    return /(?!)/;
  }
}

function byVirtualService(
  { metadata, spec }: VirtualService,
  service: { namespace: string; name: string },
  request: RequestFacts,
): RouteDecision {
  if (spec.http === undefined) return direct(service.namespace, service.name);
  const rule = spec.http.find((one) => ruleMatches(one, request));
  if (rule === undefined)
    return { ...direct(service.namespace, service.name), backends: [], respond: 404 };
  const { fault, timeout, retries } = rule;
  const timeoutMs = durationMs(timeout);
  const backends = (rule.route ?? []).map(({ destination, weight = 0 }, _index, all) =>
    destinationOf(destination, metadata.namespace ?? '', all.length === 1 ? 100 : weight),
  );
  const delayMs = durationMs(fault?.delay?.fixedDelay);
  return {
    backends,
    retries: retries?.attempts ?? usualRetries,
    ...(/\b(5xx|gateway-error)\b/.test(retries?.retryOn ?? '') ? { retriesAnswers: true } : {}),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(fault?.abort?.httpStatus === undefined
      ? {}
      : {
          abort: { status: fault.abort.httpStatus, percent: fault.abort.percentage?.value ?? 100 },
        }),
    ...(delayMs === undefined
      ? {}
      : { delay: { ms: delayMs, percent: fault?.delay?.percentage?.value ?? 100 } }),
    ...(rule.directResponse
      ? { respond: rule.directResponse.status }
      : rule.redirect
        ? { respond: 301 }
        : {}),
  };
}

const destinationOf = (
  { host, subset }: Destination,
  around: string,
  weight: number,
): WeightedBackend => ({
  ...hostOf(host, around),
  ...(subset === undefined ? {} : { subset }),
  weight,
});

function ruleMatches({ match }: HttpRouteConfig, request: RequestFacts): boolean {
  if (match === undefined || match.length === 0) return true;
  return match.some(
    ({ uri, method, headers = {}, sourceLabels = {}, port }) =>
      textMatches(uri, request.path) &&
      textMatches(method, request.method) &&
      (port === undefined || port === request.port) &&
      matchesMap(sourceLabels, request.sourceLabels) &&
      Object.entries(headers).every(([name, wanted]) => {
        const given = request.headers[name.toLowerCase()];
        return given !== undefined && textMatches(wanted, given);
      }),
  );
}

function textMatches(match: StringMatch | undefined, text: string): boolean {
  if (match === undefined) return true;
  if (match.exact !== undefined) return text === match.exact;
  if (match.prefix !== undefined) return text.startsWith(match.prefix);
  if (match.regex !== undefined) return whole(match.regex).test(text);
  return true;
}
