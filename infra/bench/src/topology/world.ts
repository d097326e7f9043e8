/** A made-up mesh: who calls whom, and how fast its counters grow. The same seed gives the same mesh. */
export interface Shape {
  services: number;
  namespaces: number;
  edgesEach: number;
  seed: number;
}

export interface Call {
  from: number;
  to: number;
  /** Requests a second, and the share of them that fail. */
  rate: number;
  failing: number;
}

export const namespaceOf = ({ namespaces }: Shape, service: number): string =>
  `team-${String(service % namespaces).padStart(2, '0')}`;
const serviceName = (service: number): string => `service-${String(service).padStart(5, '0')}`;

/** Small and quick, and the same everywhere (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Each service calls `edgesEach` others, never itself and none twice. */
export function callsOf({ services, edgesEach, seed }: Shape): Call[] {
  const random = createRandom(seed);
  const calls: Call[] = [];
  for (let from = 0; from < services; from++) {
    const chosen = new Set<number>();
    while (chosen.size < Math.min(edgesEach, services - 1)) {
      const to = Math.floor(random() * services);
      if (to !== from) chosen.add(to);
    }
    for (const to of chosen) {
      calls.push({ from, to, rate: 1 + random() * 40, failing: 0.005 + random() * 0.03 });
    }
  }
  return calls;
}

const side = (name: 'source' | 'destination', shape: Shape, service: number): string[] => {
  const namespace = namespaceOf(shape, service);
  const app = serviceName(service);
  return [
    `${name}_app="${app}"`,
    `${name}_canonical_revision="v1"`,
    `${name}_canonical_service="${app}"`,
    `${name}_cluster="Kubernetes"`,
    `${name}_principal="spiffe://cluster.local/ns/${namespace}/sa/${app}"`,
    `${name}_version="v1"`,
    `${name}_workload="${app}-v1"`,
    `${name}_workload_namespace="${namespace}"`,
  ];
};

/** The labels of one series as Istio's proxies write them (istio.io, "Istio Standard Metrics"), and those a scrape adds. */
export function seriesText(
  shape: Shape,
  { from, to }: Call,
  reporter: 'source' | 'destination',
  code: '200' | '503',
): string {
  const app = serviceName(to);
  const namespace = namespaceOf(shape, to);
  const teller = reporter === 'source' ? from : to;
  const name = serviceName(teller);
  const labels = [
    `reporter="${reporter}"`,
    ...side('source', shape, from),
    ...side('destination', shape, to),
    `destination_service="${app}.${namespace}.svc.cluster.local"`,
    `destination_service_name="${app}"`,
    `destination_service_namespace="${namespace}"`,
    'request_protocol="http"',
    `response_code="${code}"`,
    'grpc_response_status=""',
    'response_flags="-"',
    `connection_security_policy="${reporter === 'source' ? 'unknown' : 'mutual_tls'}"`,
    `app="${name}"`,
    `namespace="${namespaceOf(shape, teller)}"`,
    `pod="${name}-v1-5d8f7c9b6d-x2x7k"`,
  ];
  return `istio_requests_total{${labels.join(',')}}`;
}

/** What the counter of a series has reached after so many seconds. */
export function counterAt({ rate, failing }: Call, code: '200' | '503', seconds: number): number {
  return Math.floor(seconds * rate * (code === '503' ? failing : 1 - failing));
}
