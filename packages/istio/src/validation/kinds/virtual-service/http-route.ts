import type { HTTPMatchRequest, HTTPRoute } from '../../generated/types.ts';
import type { Report } from '../../issue.ts';
import { child } from '../../path.ts';
import { checkDestination, checkWeighted } from '../../shared/destination.ts';
import { checkGatewayNames } from '../../shared/gateway-names.ts';
import { matchHeaderProblem } from '../../shared/header.ts';
import { isDnsLabel } from '../../shared/host.ts';
import { show, some } from '../../shared/json.ts';
import { checkLabels } from '../../shared/labels.ts';
import { portProblem } from '../../shared/port.ts';
import { withoutWarnings } from '../../issue.ts';
import { matchRegexProblem, stringMatchProblem } from '../../shared/string-match.ts';
import {
  checkCors,
  checkDirectResponse,
  checkFault,
  checkMirrors,
  checkRedirect,
  checkRetries,
  checkRewrite,
  mirrorPercentProblem,
  needDuration,
} from './http-actions.ts';
import { checkAuthority, checkHeaders } from './http-headers.ts';

export type RouteOptions = {
  /** The VirtualService has no hosts: another one delegates to it. */
  isDelegate: boolean;
  /** Made from the Gateway API by istiod itself. */
  isConverted: boolean;
};

function checkMatch(report: Report, path: string, match: HTTPMatchRequest): void {
  for (const [name, value] of match.headers ?? []) {
    const at = child(`${path}.headers`, name);
    report.need(at, matchHeaderProblem(name));
    report.need(at, stringMatchProblem(value));
  }
  for (const [name, value] of match.withoutHeaders ?? []) {
    const at = child(`${path}.withoutHeaders`, name);
    report.need(at, matchHeaderProblem(name));
    if (value.regex !== '*') report.need(at, stringMatchProblem(value));
  }
  report.need(`${path}.uri`, matchRegexProblem(match.uri));
  for (const field of ['scheme', 'method', 'authority'] as const) {
    report.need(`${path}.${field}`, stringMatchProblem(match[field]));
  }
  for (const [name, value] of match.queryParams ?? []) {
    report.need(child(`${path}.queryParams`, name), stringMatchProblem(value));
  }
  if (match.port) report.need(`${path}.port`, portProblem(match.port));
  checkLabels(report, `${path}.sourceLabels`, match.sourceLabels);
  checkGatewayNames(withoutWarnings(report), `${path}.gateways`, match.gateways);
  if (match.sourceNamespace && !isDnsLabel(match.sourceNamespace)) {
    report.error(`${path}.sourceNamespace`, `${show(match.sourceNamespace)} is no namespace`);
  }
}

function checkExclusive(report: Report, path: string, route: HTTPRoute): void {
  const action = route.redirect ? 'redirect' : route.directResponse ? 'directResponse' : undefined;
  if (!action) {
    if (!some(route.route)) report.error(path, 'set route, redirect or directResponse');
    return;
  }
  for (const other of ['route', 'fault', 'rewrite', 'directResponse'] as const) {
    if (other === action || route[other] === undefined) continue;
    report.error(`${path}.${other}`, `cannot be used together with ${action}`);
  }
}

function checkConflicts(report: Report, path: string, route: HTTPRoute, isDelegate: boolean): void {
  if (route.delegate && !isDelegate) {
    for (const field of ['redirect', 'route'] as const) {
      if (route[field]) report.error(`${path}.${field}`, 'cannot be used together with delegate');
    }
    return;
  }
  if (route.delegate) report.error(`${path}.delegate`, 'a delegate cannot delegate further');
  checkExclusive(report, path, route);
  if (route.mirror && some(route.mirrors)) {
    report.error(`${path}.mirror`, 'cannot be used together with mirrors');
  }
}

function checkMirror(report: Report, path: string, route: HTTPRoute): void {
  if (route.mirrorPercent !== undefined) {
    if (route.mirrorPercent > 100) {
      report.error(`${path}.mirrorPercent`, `${route.mirrorPercent} is more than 100`);
    }
    report.warn(`${path}.mirrorPercent`, 'deprecated; use mirrorPercentage');
  }
  report.need(`${path}.mirrorPercentage`, mirrorPercentProblem(route.mirrorPercentage));
  checkDestination(report, `${path}.mirror`, route.mirror);
  checkMirrors(report, `${path}.mirrors`, route.mirrors ?? []);
}

/** One entry of `http`. */
export function checkHttpRoute(
  report: Report,
  path: string,
  route: HTTPRoute,
  { isDelegate, isConverted }: RouteOptions,
): void {
  const matches = route.match ?? [];
  const routes = route.route ?? [];
  checkConflicts(report, path, route, isDelegate);
  for (let index = 0; index < matches.length; index += 1) {
    checkMatch(report, `${path}.match[${index}]`, matches[index] as HTTPMatchRequest);
  }
  checkHeaders(report, `${path}.headers`, route.headers);
  checkCors(report, `${path}.corsPolicy`, route.corsPolicy);
  checkFault(report, `${path}.fault`, route.fault);
  checkMirror(report, path, route);
  checkRedirect(report, `${path}.redirect`, route.redirect, matches);
  checkDirectResponse(report, `${path}.directResponse`, route.directResponse);
  checkRetries(report, `${path}.retries`, route.retries);
  checkRewrite(report, `${path}.rewrite`, route.rewrite);
  checkAuthority(report, path, route.rewrite, route.headers);
  for (let index = 0; index < routes.length; index += 1) {
    checkHeaders(report, `${path}.route[${index}].headers`, routes[index]?.headers);
  }
  checkWeighted(report, `${path}.route`, routes, isConverted);
  needDuration(report, `${path}.timeout`, route.timeout);
}
