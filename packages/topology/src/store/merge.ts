import { reporters, type Metric, type Protocol } from '../model.ts';
import { addPair, emptySignals, type Signals } from '../signals.ts';

/** One series of a link, as merging sees it. */
export interface Reading {
  metric: Metric;
  reporter: number;
  value: number;
  codeId: number;
  isError: boolean;
  mutualTls: boolean | null;
  /** Upper bound in milliseconds, of `durationBucket`. */
  bound: number;
}

/** A reporter is believed when it tells of at least this share of what the fullest one tells. */
export const believedFrom = 0.9;

/**
 * The traffic of one protocol on one link, told by up to three proxies, counted once: every proxy on the
 * way counts the same request, so their numbers are alternatives and never added. The client's proxy is
 * believed first, then a waypoint, then the server's, unless one before tells of less than nine tenths of
 * what another does (clients that are only partly in the mesh). Security is what any of them knows: the
 * client's cannot (istio.io, "Istio Standard Metrics": connection_security_policy).
 */
export function mergeReporters(protocol: Protocol, readings: readonly Reading[]): Signals {
  const signals = emptySignals();
  const main = protocol === 'tcp' ? tcpMain(readings) : 'requests';
  const by = chooseReporter(readings, main);
  let isCodedByClosed = false;
  for (const { metric } of readings) if (metric === 'connectionsClosed') isCodedByClosed = true;
  const coded = protocol === 'tcp' && isCodedByClosed ? 'connectionsClosed' : main;
  const counted = protocol === 'tcp' ? 'connectionsOpened' : 'requests';
  const known = [0, 0, 0];
  const secured = [0, 0, 0];
  for (const { metric, reporter, value, codeId, isError, mutualTls } of readings) {
    if (metric === main && mutualTls !== null) {
      known[reporter]! += value;
      if (mutualTls) secured[reporter]! += value;
    }
    if (reporter !== by) continue;
    if (metric === counted) signals.requests += value;
    if (metric === coded && metric !== 'requestBytes' && metric !== 'responseBytes') {
      if (value > 0) addPair(signals.codes, codeId, value);
      if (isError) signals.errors += value;
    }
  }
  const bytesBy = chooseReporter(readings, 'responseBytes');
  for (const { metric, reporter, value } of readings) {
    if (reporter !== bytesBy) continue;
    if (metric === 'requestBytes') signals.requestBytes += value;
    else if (metric === 'responseBytes') signals.responseBytes += value;
  }
  signals.errors = Math.min(signals.errors, signals.requests);
  signals.waypoint = reporters[by] === 'waypoint' || hasWaypoint(readings);
  const best = known.indexOf(Math.max(...known));
  if (known[best]! > 0) {
    const weight =
      protocol === 'tcp' ? signals.requestBytes + signals.responseBytes || 1 : signals.requests;
    signals.securityKnown = weight;
    signals.secured = (weight * secured[best]!) / known[best]!;
  }
  signals.latency = mergeHistograms(readings, by);
  return signals;
}

/** Connections where they are counted, else bytes. */
const tcpMain = (readings: readonly Reading[]): Metric =>
  readings.some(({ metric }) => metric === 'connectionsOpened')
    ? 'connectionsOpened'
    : 'responseBytes';

const hasWaypoint = (readings: readonly Reading[]): boolean =>
  readings.some(({ reporter, value }) => reporters[reporter] === 'waypoint' && value > 0);

/** The reporter to believe for a metric: the first that tells of nearly as much as the fullest; 0 when none does. */
export function chooseReporter(readings: readonly Reading[], metric: Metric): number {
  const totals = [0, 0, 0];
  const tells = [false, false, false];
  for (const reading of readings) {
    if (reading.metric !== metric) continue;
    totals[reading.reporter]! += reading.value;
    tells[reading.reporter] = true;
  }
  const enough = Math.max(...totals) * believedFrom;
  const found = totals.findIndex((total, at) => tells[at] && total >= enough);
  return Math.max(0, found);
}

function mergeHistograms(readings: readonly Reading[], preferred: number): Signals['latency'] {
  let by = -1;
  for (const { metric, reporter } of readings) {
    if (metric !== 'durationBucket' && metric !== 'durationCount') continue;
    if (reporter === preferred) {
      by = preferred;
      break;
    }
    by = by === -1 ? reporter : Math.min(by, reporter);
  }
  if (by === -1) return null;
  const buckets = new Map<number, number>();
  let sum = 0;
  let count = 0;
  for (const { metric, reporter, value, bound } of readings) {
    if (reporter !== by) continue;
    if (metric === 'durationBucket') buckets.set(bound, (buckets.get(bound) ?? 0) + value);
    else if (metric === 'durationSum') sum += value;
    else if (metric === 'durationCount') count += value;
  }
  const flat = [...buckets].sort(([a], [b]) => a - b).flat();
  return { sum, count, buckets: flat };
}
