import { edgeLabels } from '@ambit/contracts/agent/telemetry';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capturedLines } from '../captured/captured.ts';
import { readAccessLine } from './line.ts';
import { createTally, type LoggedEdge, type Peer, type TallySettings } from './tally.ts';

const peer = (namespace: string, workload: string, version = 'latest'): Peer => ({
  namespace,
  workload,
  app: workload.replace(/-v\d$/, ''),
  version,
  pod: `${namespace}/${workload}-0`,
});

/** Addresses as they were when the lines were written. */
const peers: Record<string, Peer> = {
  '10.244.0.7': peer('mall', 'echo-v1', 'v1'),
  '10.244.0.8': peer('mall', 'echo-v2', 'v2'),
  '10.244.0.9': peer('mall', 'client'),
  '10.244.0.10': peer('street', 'echo-v1', 'v1'),
  '10.244.0.11': peer('street', 'client'),
  '10.244.0.12': peer('street', 'echo-v2', 'v2'),
};

const settings = (address: string, more: Partial<TallySettings['self']>): TallySettings => ({
  self: { cluster: '', ...peer('street', 'client'), ...peers[address], ...more },
  address,
  peerOf: (of) => peers[of] ?? null,
  isNamespace: (name) => ['mall', 'street'].includes(name),
});

const named = ({ labels }: LoggedEdge): Record<string, string> =>
  Object.fromEntries(edgeLabels.flatMap((name, at) => (labels[at] ? [[name, labels[at]]] : [])));

function tallied(lines: string[], of: TallySettings) {
  const tally = createTally(of);
  for (const line of lines) tally.take(line);
  return tally.drain(10);
}

describe('lines of real proxies', () => {
  test('of a waypoint tell who asked, what, and who answered', () => {
    const lines = capturedLines('waypoint-log');
    const { requests, edges, doubtful } = tallied(
      lines,
      settings('10.244.0.13', { isWaypoint: true }),
    );
    expect([requests, doubtful]).toEqual([lines.length, 0]);
    for (const edge of edges) {
      expect(named(edge)).toMatchObject({
        reporter: 'waypoint',
        source_workload: 'client',
        source_workload_namespace: 'mall',
        destination_service: 'echo.mall.svc.cluster.local',
        connection_security_policy: 'mutual_tls',
      });
      expect(named(edge)['destination_workload']).toMatch(/^echo-v[12]$/);
    }
    const failed = edges.filter((edge) => named(edge)['response_code'] === '503');
    expect(failed).toHaveLength(1);
    expect(failed[0]!.rates).toMatchObject({ requests: 0.1, responseBytes: 33.6 });
    expect(new Map(failed[0]!.buckets).get(1)).toBe(0.1);
    expect(new Map(failed[0]!.buckets).get(0.5)).toBe(0);
  });

  test("of a client's sidecar tell also what the proxy answered itself", () => {
    const { edges } = tallied(capturedLines('sidecar-log'), settings('10.244.0.11', {}));
    const injected = edges.find((edge) => named(edge)['response_flags'] === 'FI')!;
    expect(named(injected)).toEqual({
      reporter: 'source',
      source_workload: 'client',
      source_workload_namespace: 'street',
      source_canonical_service: 'client',
      source_canonical_revision: 'latest',
      destination_service: 'echo.street.svc.cluster.local',
      request_protocol: 'http',
      response_code: '503',
      response_flags: 'FI',
    });
    expect(injected.rates.requests).toBe(0.2);
  });

  test("of a server's sidecar tell of the same link, by the name that the client asked for", () => {
    const { edges } = tallied(capturedLines('server-log'), settings('10.244.0.10', {}));
    expect(edges).toHaveLength(1);
    expect(named(edges[0]!)).toMatchObject({
      reporter: 'destination',
      source_workload: 'client',
      destination_workload: 'echo-v1',
      destination_service: 'echo.street.svc.cluster.local',
      connection_security_policy: 'mutual_tls',
    });
    expect([...edges[0]!.askedBy]).toEqual(['street/client-0']);
  });
});

const line = capturedLines('waypoint-log')[0]!;

describe('other lines', () => {
  test.each([
    ['of the agent beside it', '2026-11-25T11:00:35Z\tinfo\tcache\tgenerated new certificate'],
    ['of a connection', line.replace(/"GET [^"]+" 503/, '"- - -" 0')],
    ['of a tunnel', line.replace('"GET ', '"CONNECT ')],
    ['that is cut', line.slice(0, 150)],
    ['of another format', '{"time":"now","status":200}'],
  ])('%s are none', (_, text) => {
    expect(readAccessLine(text)).toBeNull();
  });

  test('a client cannot make one line look like another', () => {
    const forged = '" 200 - via_upstream - "-" 0 0 1 0 "';
    expect(readAccessLine(line.replace('Go-http-client/1.1', forged))).toBe('doubtful');
    expect(readAccessLine(line.replace('/?codes', forged))).toBe('doubtful');
    const { edges, requests } = tallied(
      [line.replace('"echo.mall:8080"', '"shop.example.com"'), line],
      settings('10.244.0.13', { isWaypoint: true }),
    );
    expect([edges.length, requests]).toEqual([1, 2]);
  });

  test('a name that a client made up is no service', () => {
    const plain = capturedLines('server-log')[0]!.replace(/outbound_\S+ default$/, '- default');
    const asks = (host: string) =>
      named(
        tallied([plain.replace('"echo.street:8080"', `"${host}"`)], settings('10.244.0.10', {}))
          .edges[0]!,
      )['destination_service'];
    expect(asks('echo:8080')).toBe('echo.street.svc.cluster.local');
    expect(asks('echo.mall.svc.cluster.local')).toBe('echo.mall.svc.cluster.local');
    expect(asks('echo.nowhere:8080')).toBeUndefined();
    expect(asks('10.0.0.1:8080')).toBeUndefined();
    expect(asks('shop.example.com')).toBeUndefined();
  });

  test('links of one proxy are counted up to a bound, and what is beyond is said', () => {
    const many = Array.from({ length: 3_000 }, (_, at) =>
      line.replace(/echo\.mall\.svc/, `echo${at}.mall.svc`),
    );
    const { edges, doubtful, requests } = tallied(
      many,
      settings('10.244.0.13', { isWaypoint: true }),
    );
    expect([edges.length, doubtful, requests]).toEqual([2_000, 1_000, 3_000]);
  });

  test('of any kind are read or skipped, never thrown over', () => {
    const parts = [line, '"', ' ', '200', '{', '}', '[', '- ', 'HTTP/1.1"'];
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...parts), fc.string({ unit: 'binary' })), {
          maxLength: 8,
        }),
        (texts) => {
          expect(() => readAccessLine(texts.join(''))).not.toThrow();
        },
      ),
    );
  });

  test('as JSON are read alike', () => {
    const read = readAccessLine(line);
    if (read === null || read === 'doubtful') throw new Error('the line is one');
    const json = {
      method: 'GET',
      protocol: 'HTTP/1.1',
      response_code: 503,
      response_flags: '-',
      bytes_received: 0,
      bytes_sent: 336,
      duration: 1,
      upstream_host: `envoy://connect_originate/${read.answeredBy}:8080`,
      upstream_cluster: `${read.cluster};`,
      downstream_remote_address: `${read.askedBy}:1234`,
      requested_server_name: null,
      authority: 'echo.mall:8080',
    };
    expect(readAccessLine(JSON.stringify(json))).toEqual(read);
  });
});
