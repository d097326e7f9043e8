import type { Endpoint, Facet, Protocol, Reporter, ServiceRef } from '../model.ts';
import { cleanLabel } from '../text.ts';

/** A label of a series; undefined when it has none of that name. */
export type LabelOf = (name: string) => string | undefined;

/** How many of each kind are kept apart; a series beyond is counted and dropped. Keeps hostile labels from eating memory. */
export const limits = { endpoints: 100_000, services: 100_000, facets: 20_000, codes: 5_000 };

/** The endpoints, services and facets that series name, each under a small number that stays. */
export interface Registry {
  readonly endpoints: Endpoint[];
  readonly services: ServiceRef[];
  readonly facets: Facet[];
  /** Texts of `code flags`; a facet's code id is `facetCodes[facet]`. */
  readonly codes: string[];
  readonly facetCodes: number[];
  readonly facetIsError: boolean[];
  /** Grows when an endpoint that was there got another app or version. */
  readonly renamed: () => number;
  /** -1 when there are too many. */
  endpoint(side: 'source' | 'destination', label: LabelOf): number;
  service(label: LabelOf): number;
  /** -1 also for a reporter nobody knows. */
  facet(label: LabelOf): number;
}

/**
 * @param defaultCluster the cluster of series that name none (Istio's `unknown`): the one the telemetry is of
 */
export function createRegistry(defaultCluster: string): Registry {
  const endpoints: Endpoint[] = [];
  const services: ServiceRef[] = [];
  const facets: Facet[] = [];
  const codes: string[] = [];
  const facetCodes: number[] = [];
  const facetIsError: boolean[] = [];
  let renamed = 0;
  const known = { endpoints: ids(), services: ids(), facets: ids(), codes: ids() };

  /** Who does not know where it went to says at least where it came from. */
  const clusterOf = (side: 'source' | 'destination', label: LabelOf): string =>
    cleanLabel(label(`${side}_cluster`)) || cleanLabel(label('source_cluster')) || defaultCluster;

  return {
    endpoints,
    services,
    facets,
    codes,
    facetCodes,
    facetIsError,
    renamed: () => renamed,
    endpoint: (side, label) => {
      const cluster = clusterOf(side, label);
      const namespace = cleanLabel(label(`${side}_workload_namespace`));
      const workload = cleanLabel(label(`${side}_workload`));
      const app =
        cleanLabel(label(`${side}_canonical_service`)) || cleanLabel(label(`${side}_app`));
      const version =
        cleanLabel(label(`${side}_canonical_revision`)) || cleanLabel(label(`${side}_version`));
      const key = JSON.stringify([cluster, namespace, workload]);
      const found = known.endpoints.get(key);
      if (found !== undefined) {
        const endpoint = endpoints[found]!;
        const names = { app: least(endpoint.app, app), version: least(endpoint.version, version) };
        if (names.app !== endpoint.app || names.version !== endpoint.version) {
          endpoints[found] = { ...endpoint, ...names };
          renamed++;
        }
        return found;
      }
      if (endpoints.length >= limits.endpoints) return -1;
      known.endpoints.set(key, endpoints.length);
      return endpoints.push({ cluster, namespace, workload, app, version }) - 1;
    },
    service: (label) => {
      const cluster = clusterOf('destination', label);
      const host = cleanLabel(label('destination_service'));
      const parts = clusterHost.exec(host);
      const name = cleanLabel(label('destination_service_name')) || (parts?.[1] ?? host);
      const namespace = cleanLabel(label('destination_service_namespace')) || (parts?.[2] ?? '');
      const key = JSON.stringify([cluster, namespace, name]);
      const found = known.services.get(key);
      if (found !== undefined) return found;
      if (services.length >= limits.services) return -1;
      known.services.set(key, services.length);
      return services.push({ cluster, namespace, name }) - 1;
    },
    facet: (label) => {
      const facet = facetOf(label);
      if (facet === null) return -1;
      const { code, flags } = facet;
      const key = JSON.stringify(Object.values(facet));
      const found = known.facets.get(key);
      if (found !== undefined) return found;
      const text = `${code} ${flags}`;
      const codeId = known.codes.get(text) ?? codes.length;
      if (codeId >= limits.codes || facets.length >= limits.facets) return -1;
      if (codeId === codes.length) codes.push(text);
      known.codes.set(text, codeId);
      known.facets.set(key, facets.length);
      facetCodes.push(codeId);
      facetIsError.push(isError(facet));
      return facets.push(facet) - 1;
    },
  };
}

const clusterHost = /^([^.]+)\.([^.]+)\.svc(\.|$)/;
const ids = (): Map<string, number> => new Map();

/** Of two names of one workload's app or version the first by the alphabet, so that the order of arrival says nothing. */
const least = (a: string, b: string): string => (a === '' || (b !== '' && b < a) ? b : a);

const reporterOf: Record<string, Reporter> = {
  source: 'source',
  destination: 'destination',
  waypoint: 'waypoint',
};

const longestCode = 16;
const word = (text: string | undefined): string =>
  cleanLabel(text).replaceAll(' ', '').slice(0, longestCode);

/** What tells one series of a link from another (istio.io, "Istio Standard Metrics"). Null for a reporter nobody knows. */
export function facetOf(label: LabelOf): Facet | null {
  const reporter = reporterOf[label('reporter') ?? ''];
  if (reporter === undefined) return null;
  const protocol = protocolOf(label('request_protocol'));
  const http = word(label('response_code'));
  const grpc = word(label('grpc_response_status'));
  const isAnswered = http !== '' && http !== '0';
  const useGrpc = protocol === 'grpc' && grpc !== '' && !(isAnswered && http >= '400');
  const policy = label('connection_security_policy');
  const app = label('app') ?? '';
  return {
    reporter,
    protocol,
    code: useGrpc ? grpc : isAnswered ? http : '-',
    flags: word(label('response_flags')) || '-',
    mutualTls: policy === 'mutual_tls' ? true : policy === 'none' ? false : null,
    ztunnel: app === 'ztunnel' || (label('pod') ?? '').startsWith('ztunnel-'),
  };
}

function protocolOf(text: string | undefined): Protocol {
  if (text === 'grpc') return 'grpc';
  return text === 'tcp' ? 'tcp' : 'http';
}

/** The client ended it itself: no failure of the connection. */
const harmlessTcpFlags = new Set(['-', 'DC']);
const grpcFailure = /^([1-9]|1[0-6])$/;

/** Whether a request or connection failed: HTTP 5xx, a gRPC status that is not OK, no answer, a flag on a connection. */
export function isError({
  protocol,
  code,
  flags,
}: Pick<Facet, 'protocol' | 'code' | 'flags'>): boolean {
  if (protocol === 'tcp') return !harmlessTcpFlags.has(flags);
  if (code === '-') return true;
  return /^5\d\d$/.test(code) || (protocol === 'grpc' && grpcFailure.test(code));
}
