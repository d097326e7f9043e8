import type {
  CorsPolicy,
  HTTPDirectResponse,
  HTTPFaultInjection,
  HTTPMatchRequest,
  HTTPMirrorPolicy,
  HTTPRedirect,
  HTTPRetry,
  HTTPRewrite,
  Percent,
} from '../../generated/types.ts';
import type { Report } from '../../issue.ts';
import { checkDestination } from '../../shared/destination.ts';
import { durationProblem } from '../../shared/duration.ts';
import { corsHeaderProblem } from '../../shared/header.ts';
import { byteLength, show } from '../../shared/json.ts';
import { portProblem } from '../../shared/port.ts';
import { istioRegexProblem, matchRegexProblem } from '../../shared/string-match.ts';
import { corsMethods, grpcStatuses, httpStatuses, retryPolicies } from './names.ts';

export function needDuration(report: Report, path: string, ns: bigint | undefined): void {
  if (ns !== undefined) report.need(path, durationProblem(ns));
}

function statusProblem(status: number): string | undefined {
  return status < 200 || status > 600 ? `${status} is no HTTP status from 200 to 599` : undefined;
}

export function checkCors(report: Report, path: string, cors: CorsPolicy | undefined): void {
  if (!cors) return;
  for (const [index, origin] of (cors.allowOrigins ?? []).entries()) {
    const at = `${path}.allowOrigins[${index}]`;
    if (!(origin.exact || origin.prefix || origin.regex)) report.error(at, 'the origin is empty');
    report.need(at, matchRegexProblem(origin));
  }
  for (const [index, method] of (cors.allowMethods ?? []).entries()) {
    if (corsMethods.has(method)) continue;
    report.error(`${path}.allowMethods[${index}]`, `${show(method)} is no HTTP method`);
  }
  for (const field of ['allowHeaders', 'exposeHeaders'] as const) {
    for (const [index, name] of (cors[field] ?? []).entries()) {
      report.need(`${path}.${field}[${index}]`, corsHeaderProblem(name));
    }
  }
  needDuration(report, `${path}.maxAge`, cors.maxAge);
  if ((cors.maxAge ?? 0n) % 1_000_000_000n > 0n) {
    report.error(`${path}.maxAge`, 'only whole seconds are possible');
  }
}

function faultPercentProblem(percentage: Percent | undefined): string | undefined {
  const value = percentage?.value ?? 0;
  const isOutside = value < 0 || value > 100 || (value > 0 && value < 0.0001);
  return isOutside ? `${value} is neither 0 nor 0.0001 to 100` : undefined;
}

export function checkFault(
  report: Report,
  path: string,
  fault: HTTPFaultInjection | undefined,
): void {
  if (!fault) return;
  const { abort, delay } = fault;
  if (!abort && !delay) report.error(path, 'set abort, delay or both');
  report.need(`${path}.abort.percentage`, faultPercentProblem(abort?.percentage));
  report.need(`${path}.delay.percentage`, faultPercentProblem(delay?.percentage));
  if (abort?.grpcStatus !== undefined && !grpcStatuses.has(abort.grpcStatus)) {
    report.error(
      `${path}.abort.grpcStatus`,
      `${show(abort.grpcStatus)} is no gRPC status; write one like "UNAVAILABLE"`,
    );
  }
  if (abort?.http2Error !== undefined) {
    report.error(`${path}.abort.http2Error`, 'HTTP/2 errors are not supported; use httpStatus');
  }
  if (abort?.httpStatus !== undefined) {
    report.need(`${path}.abort.httpStatus`, statusProblem(abort.httpStatus));
  }
  needDuration(report, `${path}.delay.fixedDelay`, delay?.fixedDelay);
  if (delay?.exponentialDelay !== undefined) {
    report.error(`${path}.delay.exponentialDelay`, 'not supported; use fixedDelay');
  }
}

export function checkMirrors(report: Report, path: string, mirrors: HTTPMirrorPolicy[]): void {
  for (const [index, { destination, percentage }] of mirrors.entries()) {
    const at = `${path}[${index}]`;
    if (!destination) {
      report.error(at, 'a destination is needed');
      continue;
    }
    checkDestination(report, `${at}.destination`, destination);
    report.need(`${at}.percentage`, mirrorPercentProblem(percentage));
  }
}

export function mirrorPercentProblem(percentage: Percent | undefined): string | undefined {
  const value = percentage?.value ?? 0;
  return value < 0 || value > 100 ? `${value} is not 0 to 100` : undefined;
}

function redirectProblem(
  redirect: HTTPRedirect,
  matches: HTTPMatchRequest[],
): [string, string] | undefined {
  const { uri, prefixRewrite, authority, port, derivePort, scheme, redirectCode } = redirect;
  if (uri && prefixRewrite) return ['', 'set only one of uri and prefixRewrite'];
  if (prefixRewrite && matches.some((match) => match.uri && match.uri.prefix === undefined)) {
    return ['.prefixRewrite', 'every match on the uri must be a prefix match'];
  }
  const hasPort = port !== undefined || derivePort !== undefined;
  if (!(uri || prefixRewrite || authority || scheme || hasPort)) {
    return ['', 'set at least one of uri, authority, scheme and port'];
  }
  if (redirectCode && (redirectCode < 300 || redirectCode > 399)) {
    return ['.redirectCode', `${redirectCode} is no redirect: use 300 to 399`];
  }
  if (scheme && scheme !== 'http' && scheme !== 'https') {
    return ['.scheme', `${show(scheme)} is not possible; use http or https`];
  }
  const problem = port ? portProblem(port) : undefined;
  return problem ? ['.port', problem] : undefined;
}

export function checkRedirect(
  report: Report,
  path: string,
  redirect: HTTPRedirect | undefined,
  matches: HTTPMatchRequest[],
): void {
  const found = redirect && redirectProblem(redirect, matches);
  if (found) report.error(`${path}${found[0]}`, found[1]);
}

const kilobyte = 1024;

export function checkDirectResponse(
  report: Report,
  path: string,
  response: HTTPDirectResponse | undefined,
): void {
  if (!response) return;
  const { string, bytes } = response.body ?? {};
  const size = bytes === undefined ? byteLength(string ?? '') : atob(bytes).length;
  if (size > kilobyte * kilobyte) {
    report.error(
      `${path}.body`,
      'the body is larger than 1 MB, which the control plane cannot carry',
    );
  } else if (size > 100 * kilobyte) {
    report.warn(`${path}.body`, 'a large body slows the control plane down');
  }
  report.need(`${path}.status`, statusProblem(response.status ?? 0));
}

function isRetryPolicy(policy: string): boolean {
  return retryPolicies.has(policy) || (/^\+?\d+$/.test(policy) && httpStatuses.has(Number(policy)));
}

export function checkRetries(report: Report, path: string, retries: HTTPRetry | undefined): void {
  if (!retries) return;
  const { attempts = 0, perTryTimeout, retryOn, retryRemoteLocalities, backoff } = retries;
  if (attempts < 0) report.error(`${path}.attempts`, `${attempts} is negative`);
  const isConfigured =
    perTryTimeout !== undefined || retryOn || retryRemoteLocalities !== undefined;
  if (attempts === 0 && isConfigured) {
    report.error(path, 'with 0 attempts nothing is retried; set attempts or leave the rest out');
  }
  needDuration(report, `${path}.perTryTimeout`, perTryTimeout);
  for (const policy of retryOn ? retryOn.split(',') : []) {
    if (isRetryPolicy(policy)) continue;
    const hint = policy === policy.trim() ? '' : '; leave out the spaces';
    report.error(`${path}.retryOn`, `${show(policy)} is nothing to retry on${hint}`);
  }
  needDuration(report, `${path}.backoff`, backoff);
}

export function checkRewrite(report: Report, path: string, rewrite: HTTPRewrite | undefined): void {
  if (!rewrite) return;
  const { uri, authority, uriRegexRewrite } = rewrite;
  if (uri && uriRegexRewrite) {
    report.error(path, 'set only one of uri and uriRegexRewrite');
    return;
  }
  if (!uri && !uriRegexRewrite && !authority) {
    report.error(path, 'set at least one of uri, uriRegexRewrite and authority');
    return;
  }
  if (!uriRegexRewrite) return;
  const { match, rewrite: replacement } = uriRegexRewrite;
  const at = `${path}.uriRegexRewrite`;
  if (!match || !replacement) report.error(at, 'both match and rewrite are needed');
  else report.need(`${at}.match`, istioRegexProblem(match));
}
