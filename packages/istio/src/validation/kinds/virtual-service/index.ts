import type { HTTPRoute, VirtualService } from '../../generated/types.ts';
import type { Report } from '../../issue.ts';
import { child } from '../../path.ts';
import { checkExportTo } from '../../shared/export-to.ts';
import { checkGatewayNames } from '../../shared/gateway-names.ts';
import { isClaimRoute } from '../../shared/header.ts';
import {
  gatewayHostProblem,
  hostCover,
  overlappingHosts,
  wildcardHostProblem,
} from '../../shared/host.ts';
import { isIpAddress } from '../../shared/ip.ts';
import { show, some } from '../../shared/json.ts';
import type { Check } from '../subject.ts';
import { checkHttpRoute } from './http-route.ts';
import { checkTcpRoute, checkTlsRoute } from './l4-route.ts';
import { warnCovered, warnUnreachable } from './unreachable.ts';

function checkDelegate(report: Report, spec: VirtualService): void {
  if (some(spec.hosts)) return;
  for (const field of ['gateways', 'tls', 'tcp'] as const) {
    if (!some(spec[field])) continue;
    report.error(
      `spec.${field}`,
      'a VirtualService without hosts is a delegate and cannot have this',
    );
  }
}

function refuseClaimRoutes(report: Report, spec: VirtualService): void {
  for (const [index, route] of (spec.http ?? []).entries()) {
    for (const [matchIndex, match] of (route.match ?? []).entries()) {
      for (const field of ['headers', 'withoutHeaders'] as const) {
        for (const name of [...(match[field]?.keys() ?? [])].filter(isClaimRoute)) {
          const path = `spec.http[${index}].match[${matchIndex}].${field}`;
          report.error(child(path, name), 'JWT claims can be routed on only at a gateway');
        }
      }
    }
  }
}

function hostProblem(host: string, spec: VirtualService, atGateway: boolean): string | undefined {
  const sni = (spec.tls ?? []).some(({ match }) => match?.some(({ sniHosts }) => some(sniHosts)));
  const problem = atGateway ? gatewayHostProblem(host, sni) : wildcardHostProblem(host);
  if (problem) return isIpAddress(host) ? undefined : problem;
  return !atGateway && host === '*'
    ? '"*" is possible only at a gateway, not in the mesh'
    : undefined;
}

function checkHosts(report: Report, spec: VirtualService, atGateway: boolean): void {
  const hosts = spec.hosts ?? [];
  const problems = hosts.map((host) => hostProblem(host, spec, atGateway));
  for (const [index, problem] of problems.entries()) report.need(`spec.hosts[${index}]`, problem);
  if (problems.some((problem) => problem !== undefined)) return;
  for (const [index, other] of overlappingHosts(hosts)) {
    report.error(`spec.hosts[${index}]`, `${show(hosts[index])} overlaps ${show(hosts[other])}`);
  }
}

export const checkVirtualService: Check<VirtualService> = (subject, report) => {
  const { spec, namespace, annotations } = subject;
  const isConverted = annotations['internal.istio.io/route-semantics'] === 'gateway';
  const isDelegate = !some(spec.hosts);
  const gateways = spec.gateways ?? [];
  const atGateway = gateways.length > 0 && !gateways.includes('mesh');
  checkDelegate(report, spec);
  checkGatewayNames(report, 'spec.gateways', gateways, isConverted);
  if (!atGateway) refuseClaimRoutes(report, spec);
  checkHosts(report, spec, atGateway);
  const { http = [], tls = [], tcp = [] } = spec;
  if (http.length + tls.length + tcp.length === 0) report.error('spec', 'set http, tls or tcp');
  const options = { isDelegate, isConverted };
  for (let index = 0; index < http.length; index += 1) {
    checkHttpRoute(report, `spec.http[${index}]`, http[index] as HTTPRoute, options);
  }
  const covers = tls.length === 0 ? () => true : hostCover(spec.hosts ?? []);
  const context = { atGateway: !gateways.includes('mesh'), isConverted, covers };
  for (const [index, route] of tls.entries()) {
    checkTlsRoute(report, `spec.tls[${index}]`, route, context);
  }
  for (const [index, route] of tcp.entries()) {
    checkTcpRoute(report, `spec.tcp[${index}]`, route, isConverted);
  }
  checkExportTo(report, 'spec.exportTo', spec.exportTo, { namespace });
  warnUnreachable(report, 'spec.http', http);
  warnCovered(report, 'spec.http', http);
  warnUnreachable(report, 'spec.tcp', tcp);
  warnUnreachable(report, 'spec.tls', tls);
};
