/** What one line of a proxy's access log says of a request. Empty where it says nothing. */
export interface LoggedRequest {
  code: string;
  flags: string;
  /** Of the request and of the answer, without headers. */
  receivedBytes: number;
  sentBytes: number;
  durationMs: number;
  /** Address of the pod that answered, without its port. */
  answeredBy: string;
  /** Istio's name of what was called: `outbound|port|subset|host` and the like. */
  cluster: string;
  /** Address of the pod that asked, without its port. */
  askedBy: string;
  /** Name that the client asked for by TLS. */
  serverName: string;
  authority: string;
}

const head = /^\[([^\]]{1,40})\] "(.*)$/s;
const middle = /" (\d{1,3}) ([A-Za-z,-]+) (\S+) (\S+) "([^"]*)" (\d+) (\d+) (\d+) (\d+|-) "/g;
const tail = /"([^"]*)" "([^"]*)" (\S+) (\S+) (\S+) (\S+) (\S+) (\S+)$/;
const http = /^HTTP\/[\d.]+$/;

/**
 * Reads a line as Istio has Envoy write it when nobody asks for another format (istio.io, "Envoy Access Logs"), as text or
 * as JSON. Null for what is none: other lines of the container, connections without requests. `doubtful` for a line that
 * can be read in two ways, as a client can make one by quotes in what it sends.
 */
export function readAccessLine(line: string): LoggedRequest | null | 'doubtful' {
  return line.startsWith('{') ? readJson(line) : readText(line);
}

function readText(line: string): LoggedRequest | null | 'doubtful' {
  const begun = head.exec(line);
  const ended = tail.exec(line);
  if (!begun || !ended) return null;
  const found = [...line.matchAll(middle)];
  if (found.length === 0) return null;
  if (found.length > 1) return 'doubtful';
  const [{ index, 1: code = '', 2: flags = '', 6: received, 7: sent, 8: duration }] = found as [
    RegExpExecArray,
  ];
  const asked = line.slice(line.indexOf('"') + 1, index);
  if (!http.test(asked.slice(asked.lastIndexOf(' ') + 1)) || asked.startsWith('CONNECT ')) {
    return null;
  }
  const [, authority = '', upstream = '', cluster = '', , , downstream = '', serverName = ''] =
    ended;
  return {
    code,
    flags: dashless(flags),
    receivedBytes: Number(received),
    sentBytes: Number(sent),
    durationMs: Number(duration),
    answeredBy: addressOf(upstream),
    cluster: clusterOf(cluster),
    askedBy: addressOf(downstream),
    serverName: dashless(serverName),
    authority: dashless(authority),
  };
}

function readJson(line: string): LoggedRequest | null {
  let fields: Record<string, unknown>;
  try {
    const read: unknown = JSON.parse(line);
    if (typeof read !== 'object' || read === null) return null;
    fields = read as Record<string, unknown>;
  } catch {
    return null;
  }
  const text = (name: string): string => {
    const value = fields[name];
    return typeof value === 'string'
      ? dashless(value)
      : typeof value === 'number'
        ? `${value}`
        : '';
  };
  const count = (name: string): number => {
    const value = Number(text(name) || 0);
    return value >= 0 && value < 2 ** 53 ? value : 0;
  };
  const isRequest = http.test(text('protocol')) && /^\d{1,3}$/.test(text('response_code'));
  if (!isRequest || text('method') === 'CONNECT') return null;
  return {
    code: text('response_code'),
    flags: text('response_flags'),
    receivedBytes: count('bytes_received'),
    sentBytes: count('bytes_sent'),
    durationMs: count('duration'),
    answeredBy: addressOf(text('upstream_host')),
    cluster: clusterOf(text('upstream_cluster')),
    askedBy: addressOf(text('downstream_remote_address')),
    serverName: text('requested_server_name'),
    authority: text('authority'),
  };
}

const dashless = (text: string): string => (text === '-' ? '' : text);
const clusterOf = (text: string): string => dashless(text).replace(/;$/, '');

/** The address in `10.1.2.3:80`, `[fd00::1]:80`, `envoy://connect_originate/10.1.2.3:80`; empty where there is none. */
function addressOf(text: string): string {
  const last = text.slice(text.lastIndexOf('/') + 1);
  return /^\[?([0-9a-fA-F.:]+?)\]?:\d+$/.exec(last)?.[1] ?? '';
}
