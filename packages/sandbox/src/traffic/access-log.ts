import { principalOf, type Seen } from './report.ts';
import type { Peer } from './world.ts';

/** Lines kept of each proxy, the newest. */
const kept = 400;

interface Entry {
  atMs: number;
  serial: number;
  seen: Seen;
  method: string;
  path: string;
  agent: string;
  asTcp: boolean;
}

export interface LogLine {
  /** RFC 3339 with nanoseconds, as a kubelet writes it. */
  at: string;
  text: string;
}

/** What each proxy writes of the requests that it saw: Envoy's default format, and ztunnel's. */
export interface AccessLog {
  /** The moment that what follows happens at. */
  at(ms: number): void;
  add(seen: Seen, sent: { method: string; path: string; agent: string; asTcp: boolean }): void;
  /** Of a pod by `namespace/name`, oldest first. */
  lines(pod: string): LogLine[];
  keepOnly(pods: (pod: string) => boolean): void;
}

export function createAccessLog(): AccessLog {
  const entries = new Map<string, Entry[]>();
  let nowMs = 0;
  let serial = 0;
  return {
    at: (ms) => {
      // Never back: a line's time is where a reader goes on.
      nowMs = Math.max(nowMs, Math.floor(ms));
    },
    add: (seen, sent) => {
      const list = entries.get(seen.by) ?? [];
      entries.set(seen.by, list);
      if (++serial === 1_000_000) {
        serial = 0;
        nowMs += 1;
      }
      list.push({ atMs: nowMs, serial, seen, ...sent });
      if (list.length > kept) list.shift();
    },
    lines: (pod) =>
      (entries.get(pod) ?? []).map((entry) => ({
        at: `${new Date(entry.atMs).toISOString().slice(0, -1)}${String(entry.serial).padStart(6, '0')}Z`,
        text: entry.asTcp ? ztunnelLine(entry) : envoyLine(entry),
      })),
    keepOnly: (keep) => {
      for (const pod of entries.keys()) if (!keep(pod)) entries.delete(pod);
    },
  };
}

/** Envoy's format in Istio (istio.io, "Envoy Access Logs", default access log format). */
function envoyLine({ atMs, serial, seen, method, path, agent }: Entry): string {
  const { target, code, flags, ms, reporter, destination } = seen;
  const port = target.service.spec.ports?.[0]?.port ?? 80;
  const at = new Date(atMs).toISOString();
  const request = seen.protocol === 'tcp' ? '- - -' : `${method} ${path} HTTP/1.1`;
  const id = `${atMs.toString(16).padStart(12, '0')}-${serial.toString(16).padStart(6, '0')}`;
  const upstream = destination ? `${destination.key.replace('/', '.')}:${port}` : '-';
  const cluster =
    reporter === 'destination' ? `inbound|${port}||` : `outbound|${port}||${target.host}`;
  const details = flags === '-' ? 'via_upstream' : 'response_code_details';
  return `[${at}] "${request}" ${code} ${flags} ${details} - "-" 0 ${code === 200 ? 412 : 19} ${Math.round(ms)} ${Math.round(ms)} "-" "${agent}" "${id}" "${target.service.metadata.name}:${port}" "${upstream}" ${cluster} - - - - default`;
}

function ztunnelLine({ atMs, seen }: Entry): string {
  const { source, destination, target, mutualTls, flags, ms, reporter } = seen;
  const peer = (side: string, of: Peer | null): string =>
    of
      ? ` ${side}.workload="${of.key.slice(of.key.indexOf('/') + 1)}" ${side}.namespace="${of.namespace}"${mutualTls ? ` ${side}.identity="spiffe://${principalOf(of)}"` : ''}`
      : '';
  const direction = reporter === 'destination' ? 'inbound' : 'outbound';
  const failed = flags === '-' ? '' : ` error="connection failed: ${flags}"`;
  return `${new Date(atMs).toISOString()}\t${failed ? 'error' : 'info'}\taccess\tconnection complete${peer('src', source)}${peer('dst', destination)} dst.service="${target.host}" direction="${direction}" bytes_sent=900 bytes_recv=412 duration="${Math.round(ms)}ms"${failed}`;
}
