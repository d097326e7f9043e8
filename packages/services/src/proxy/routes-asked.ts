import { readAccessLine } from '@ambit/telemetry/access-log/line';

/** Requests of one route as a proxy's access log tells them. */
interface AskedRoute {
  method: string;
  /** Without its query; parts that are told apart by numbers, ids and tokens are `*`. */
  path: string;
  host: string;
  direction: 'inbound' | 'outbound' | 'unknown';
  requests: number;
  failed: number;
  /** Why they failed, the most frequent first. */
  failures: { code: string; flags: string; count: number }[];
  slowestMs: number;
  lastAt: string;
}

interface Asked {
  /** Lines that are requests. */
  requests: number;
  failed: number;
  from: string | null;
  routes: AskedRoute[];
}

const mostRoutes = 1_000;
const begun = /^\[[^\]]{1,40}\] "([A-Z-]{1,20}) (.*?) HTTP\/[\d.]+" \d/s;

/**
 * What a proxy was asked, by route: what fails most comes first. An answer of 400 and above has failed, and one that never
 * came. Lines that are no requests, or can be read in two ways, are left out. Pure.
 */
export function routesAsked(lines: readonly { at: string; text: string }[], limit: number): Asked {
  const routes = new Map<string, AskedRoute>();
  const asked: Asked = { requests: 0, failed: 0, from: null, routes: [] };
  for (const { at, text } of lines) {
    const read = readAccessLine(text);
    const sent = read === null || read === 'doubtful' ? null : sentOf(text);
    if (read === null || read === 'doubtful' || sent === null) continue;
    asked.from ??= at;
    asked.requests++;
    const { code, flags, cluster, authority, durationMs } = read;
    const direction = /^(in|out)bound\|/.exec(cluster)?.[0].slice(0, -1) ?? 'unknown';
    const host = hostOf(cluster, authority);
    const path = patternOf(sent.path);
    const key = [direction, sent.method, host, path].join(' ');
    let route = routes.get(key);
    if (!route) {
      // A client that thinks of ever new paths makes no more of them than this.
      if (routes.size >= mostRoutes) continue;
      route = {
        method: sent.method,
        path,
        host,
        direction: direction as AskedRoute['direction'],
        requests: 0,
        failed: 0,
        failures: [],
        slowestMs: 0,
        lastAt: at,
      };
      routes.set(key, route);
    }
    route.requests++;
    route.lastAt = at;
    route.slowestMs = Math.max(route.slowestMs, durationMs);
    if (!hasFailed(code)) continue;
    asked.failed++;
    route.failed++;
    const known = route.failures.find((each) => each.code === code && each.flags === flags);
    if (known) known.count++;
    else route.failures.push({ code, flags, count: 1 });
  }
  for (const { failures } of routes.values()) failures.sort((a, b) => b.count - a.count);
  asked.routes = [...routes.values()]
    .toSorted((a, b) => b.failed - a.failed || b.requests - a.requests)
    .slice(0, limit);
  return asked;
}

const hasFailed = (code: string): boolean => code === '0' || Number(code) >= 400;

function sentOf(text: string): { method: string; path: string } | null {
  if (!text.startsWith('{')) {
    const [, method = '', path = ''] = begun.exec(text) ?? [];
    return method ? { method, path } : null;
  }
  const { method, path } = JSON.parse(text) as Record<string, unknown>;
  return typeof method === 'string' && typeof path === 'string' ? { method, path } : null;
}

/** The Service that a request went to, else the name that was asked for. */
function hostOf(cluster: string, authority: string): string {
  const [direction, port = '', , host = ''] = cluster.split('|');
  return direction === 'outbound' && host ? `${host}:${port}` : authority.slice(0, 253);
}

const isOne =
  /^(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27}|(?=.*\d)[0-9a-fA-F]{8,}|(?=.*\d)[A-Za-z0-9_-]{20,}|.*\*\*\*.*|.{65,})$/;

/** A path by which requests of one route are alike: `/orders/*`. */
export function patternOf(path: string): string {
  const bare = path.replace(/[?#].*$/s, '').replace(/^[a-z]+:\/\/[^/]*/i, '') || '/';
  const parts = bare.split('/');
  const alike = parts.slice(0, 12).map((part) => (isOne.test(part) ? '*' : part));
  return [...alike, ...(parts.length > 12 ? ['…'] : [])].join('/');
}
