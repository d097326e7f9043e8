import type { GraphEdge, Protocol } from '../model.ts';
import { histogramQuantile, type Signals } from '../signals.ts';
import { roundMs, roundRate, roundShare } from '../text.ts';

const share = (part: number, whole: number): number | null =>
  whole > 0 ? roundShare(part / whole) : null;

/** Codes told for an edge; the rest is left out. */
const mostCodes = 12;

/** An edge as it is shown: rounded, so that what nobody could see is no change. */
export function edgeRow(
  given: { id: string; source: string; target: string; protocol: Protocol },
  signals: Signals,
  codeTexts: readonly string[],
  health: GraphEdge['health'],
): GraphEdge {
  const { requests, errors, latency, codes } = signals;
  const at = (p: number): number | null => {
    const found = latency === null ? null : histogramQuantile(p, latency.buckets);
    return found === null ? null : roundMs(found);
  };
  const told: [string, number][] = [];
  for (let i = 0; i < codes.length; i += 2) {
    if (codes[i + 1]! > 0) told.push([codeTexts[codes[i]!]!, roundRate(codes[i + 1]!)]);
  }
  if (told.length > 1) told.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return {
    ...given,
    layer: given.protocol === 'tcp' ? 'L4' : 'L7',
    health,
    traffic: isActive(signals) ? 'active' : 'idle',
    rate: roundRate(requests),
    errorShare: share(errors, requests),
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    mutualTlsShare: share(signals.secured, signals.securityKnown),
    requestBytes: roundRate(signals.requestBytes),
    responseBytes: roundRate(signals.responseBytes),
    waypoint: signals.waypoint,
    codes: told.slice(0, mostCodes),
  };
}

export const isActive = ({ requests, requestBytes, responseBytes }: Signals): boolean =>
  requests > 0 || requestBytes > 0 || responseBytes > 0;

/** Whether two rows show the same. */
export function sameRow<T extends object>(a: T, b: T): boolean {
  for (const name in a) {
    const one = a[name];
    const other = b[name];
    if (one === other) continue;
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    if (one.some((pair, at) => pair[0] !== other[at][0] || pair[1] !== other[at][1])) return false;
  }
  return true;
}
