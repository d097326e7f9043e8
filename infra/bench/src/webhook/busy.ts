import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { ProxyPod } from '@ambit/agent/controllers/proxies/facts';
import { makeHoldings } from '@ambit/agent/controllers/proxies/holdings';
import { makeScraper } from '@ambit/agent/controllers/telemetry/scrape';
import type { PodHttp } from '@ambit/agent/kube/pod-http';
import { durationBounds } from '@ambit/contracts/agent/telemetry';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';

/** Pods of the mesh, each told by every ztunnel; and proxies that this agent reads. */
const size = { pods: 10_000, ztunnels: 50, sidecars: 300, callsEach: 12 } as const;

/** A dump in the shape of ztunnel's, of some 10 MB. */
function dumpOfZtunnel(): Buffer {
  const at = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
  const workloads = Array.from({ length: size.pods }, (_, index) => ({
    uid: `Kubernetes//Pod/team-${index % 300}/web-${index}`,
    name: `web-${index}`,
    namespace: `team-${index % 300}`,
    serviceAccount: 'web',
    trustDomain: 'cluster.local',
    workloadIps: [at(index)],
    waypoint: null,
    networkGateway: null,
    protocol: 'HBONE',
    workloadName: `web-${index % 1000}`,
    workloadType: 'deployment',
    canonicalName: 'web',
    canonicalRevision: 'latest',
    clusterId: 'Kubernetes',
    locality: { region: 'north', zone: `north-${index % 3}`, subzone: '' },
    node: `node-${index % size.ztunnels}`,
    nativeTunnel: false,
    status: 'Healthy',
    capacity: 1,
    services: [`team-${index % 300}/web.team-${index % 300}.svc.cluster.local`],
  }));
  const services = Array.from({ length: size.pods / 5 }, (_, index) => ({
    name: 'web',
    namespace: `team-${index}`,
    hostname: `web-${index}.team-${index}.svc.cluster.local`,
    vips: [`/${at(index)}`],
    ports: { '80': 8080, '443': 8443 },
    endpoints: Object.fromEntries(
      Array.from({ length: 5 }, (__, pod) => [
        `Kubernetes//Pod/team-${index}/web-${index * 5 + pod}`,
        { workloadUid: `Kubernetes//Pod/team-${index}/web-${index * 5 + pod}`, port: {} },
      ]),
    ),
    subjectAltNames: [],
    ipFamilies: 'IPv4',
  }));
  const certificates = Array.from({ length: 200 }, (_, index) => ({
    identity: `spiffe://cluster.local/ns/team-${index}/sa/web`,
    state: 'Available',
    certChain: [
      { pem: 'x'.repeat(2_000), serialNumber: '1', expirationTime: '2026-11-26T06:00:00Z' },
    ],
    rootCerts: [{ pem: 'x'.repeat(2_000), serialNumber: '1' }],
  }));
  const workloadState = Object.fromEntries(
    Array.from({ length: size.pods / size.ztunnels }, (_, index) => [
      `uid-${index}`,
      {
        state: 'Up',
        connections: { inbound: [], outbound: [] },
        info: { name: `web-${index}`, namespace: `team-${index % 300}` },
      },
    ]),
  );
  return Buffer.from(JSON.stringify({ workloads, services, certificates, workloadState }));
}

/** What a sidecar tells of its calls, with the histogram of their durations. */
function expositionOf(): Buffer {
  const name = 'istio_request_duration_milliseconds';
  const calls = Array.from({ length: size.callsEach * 4 }, (_, at) => {
    const labels = `reporter="source",source_workload="web",source_workload_namespace="team-0",source_app="web",destination_workload="web-${at >> 2}",destination_workload_namespace="team-1",destination_service="web-${at >> 2}.team-1.svc.cluster.local",destination_service_name="web-${at >> 2}",destination_service_namespace="team-1",request_protocol="http",response_code="${200 + (at % 4)}",response_flags="-",connection_security_policy="mutual_tls"`;
    const buckets = [...durationBounds, '+Inf'].map(
      (le) => `${name}_bucket{${labels},le="${le}"} 500\n`,
    );
    return `istio_requests_total{${labels}} 1000\n${buckets.join('')}${name}_sum{${labels}} 12000\n${name}_count{${labels}} 1000\n`;
  });
  return Buffer.from(calls.join(''));
}

const podOf = (kind: 'ztunnel' | 'sidecar', index: number): ProxyPod => ({
  namespace: kind === 'ztunnel' ? 'istio-system' : 'team-0',
  pod: `${kind}-${index}`,
  kind,
  ip: null,
  node: `node-${index}`,
  ready: true,
  version: '',
  container: 'istio-proxy',
  isIstiod: false,
  app: kind,
  appVersion: '',
});

/** Answers as the network would, between other events. */
const answering = (body: Buffer): PodHttp => ({
  get: async () => {
    await immediate();
    return Readable.from([body]) as IncomingMessage;
  },
});

/**
 * The rest of an agent's work in a large mesh, at its own pace, in the calling thread: it reads what 50 ztunnels hold (a
 * dump of some 10 MB each) and scrapes 300 sidecars every ten seconds. Only the proxies are made up.
 */
export function keepBusy(signal: AbortSignal): void {
  const ztunnels = Array.from({ length: size.ztunnels }, (_, index) => podOf('ztunnel', index));
  const holdings = makeHoldings({
    http: answering(dumpOfZtunnel()),
    pods: () => ztunnels,
    redirected: () => [],
    nowMs: Date.now,
  });
  void holdings.run(signal);
  const sidecars = Array.from({ length: size.sidecars }, (_, index) => ({
    ...podOf('sidecar', index),
    workload: 'web',
  }));
  const scraper = makeScraper(answering(expositionOf()), Date.now);
  const scrape = async (): Promise<void> => {
    while (!signal.aborted) {
      const began = performance.now();
      await scraper.round(sidecars, signal);
      await sleep(Math.max(0, 10_000 - (performance.now() - began)));
    }
  };
  void scrape();
}
