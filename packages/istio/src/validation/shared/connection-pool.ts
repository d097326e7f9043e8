import type {
  ConnectionPoolSettings,
  ConnectionPoolSettingsHTTPSettings as HttpSettings,
  ConnectionPoolSettingsTCPSettings as TcpSettings,
} from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { durationProblem } from './duration.ts';

function needDuration(report: Report, path: string, ns: bigint | undefined): void {
  if (ns !== undefined) report.need(path, durationProblem(ns));
}

function needNotNegative(report: Report, path: string, value: number | undefined): void {
  if ((value ?? 0) < 0) report.error(path, `${value} is negative`);
}

const httpCounts = [
  'http1MaxPendingRequests',
  'http2MaxRequests',
  'maxRequestsPerConnection',
  'maxRetries',
  'maxConcurrentStreams',
] as const;

function checkHttp(report: Report, path: string, http: HttpSettings): void {
  for (const field of httpCounts) needNotNegative(report, `${path}.${field}`, http[field]);
  needDuration(report, `${path}.idleTimeout`, http.idleTimeout);
  if (http.h2UpgradePolicy === 'UPGRADE' && http.useClientProtocol) {
    report.error(`${path}.useClientProtocol`, 'cannot be combined with h2UpgradePolicy UPGRADE');
  }
  if (!http.http2KeepAlive) return;
  for (const field of ['interval', 'timeout'] as const) {
    const ns = http.http2KeepAlive[field];
    if (ns === undefined)
      report.error(`${path}.http2KeepAlive`, `the keep-alive needs its ${field}`);
    else needDuration(report, `${path}.http2KeepAlive.${field}`, ns);
  }
}

function checkTcp(report: Report, path: string, tcp: TcpSettings): void {
  needNotNegative(report, `${path}.maxConnections`, tcp.maxConnections);
  needDuration(report, `${path}.connectTimeout`, tcp.connectTimeout);
  needDuration(report, `${path}.maxConnectionDuration`, tcp.maxConnectionDuration);
  const isDisabled = tcp.idleTimeout !== undefined && tcp.idleTimeout / 1_000_000n === 0n;
  if (!isDisabled) needDuration(report, `${path}.idleTimeout`, tcp.idleTimeout);
  needDuration(report, `${path}.tcpKeepalive.time`, tcp.tcpKeepalive?.time);
  needDuration(report, `${path}.tcpKeepalive.interval`, tcp.tcpKeepalive?.interval);
}

/** Connection pool limits of a DestinationRule or a Sidecar. */
export function checkConnectionPool(
  report: Report,
  path: string,
  pool: ConnectionPoolSettings | undefined,
): void {
  if (!pool) return;
  if (!pool.http && !pool.tcp) report.error(path, 'set tcp, http or both');
  if (pool.http) checkHttp(report, `${path}.http`, pool.http);
  if (pool.tcp) checkTcp(report, `${path}.tcp`, pool.tcp);
}
