import type {
  L4MatchAttributes,
  TCPRoute,
  TLSMatchAttributes,
  TLSRoute,
} from '../../generated/types.ts';
import { withoutWarnings } from '../../issue.ts';
import type { Report } from '../../issue.ts';
import { checkWeighted } from '../../shared/destination.ts';
import { checkGatewayNames } from '../../shared/gateway-names.ts';
import { gatewayHostProblem, wildcardHostProblem } from '../../shared/host.ts';
import { isIpAddress, subnetProblem } from '../../shared/ip.ts';
import { show, some } from '../../shared/json.ts';
import { checkLabels } from '../../shared/labels.ts';
import { portProblem } from '../../shared/port.ts';

/** What a TLS route needs to know of its VirtualService. */
export type TlsContext = {
  /** Not bound to the mesh, which is also so when no gateway is named. */
  atGateway: boolean;
  isConverted: boolean;
  covers: (sniHost: string) => boolean;
};

function checkSniHost(report: Report, path: string, host: string, context: TlsContext): void {
  const { atGateway, covers } = context;
  const problem = atGateway ? gatewayHostProblem(host, true) : wildcardHostProblem(host);
  if (problem && isIpAddress(host)) {
    report.warn(path, 'an IP address is no SNI name, and most clients do not send one');
  } else if (problem) report.error(path, problem);
  else if (!covers(host)) {
    report.error(path, `${show(host)} is not covered by any of the hosts of this VirtualService`);
  }
}

function checkL4Match(
  report: Report,
  path: string,
  match: L4MatchAttributes | TLSMatchAttributes,
): void {
  for (const [index, subnet] of (match.destinationSubnets ?? []).entries()) {
    report.need(`${path}.destinationSubnets[${index}]`, subnetProblem(subnet));
  }
  if (match.port) report.need(`${path}.port`, portProblem(match.port));
  checkLabels(report, `${path}.sourceLabels`, match.sourceLabels);
  checkGatewayNames(report, `${path}.gateways`, match.gateways);
}

/** One entry of `tls`. */
export function checkTlsRoute(
  report: Report,
  path: string,
  route: TLSRoute,
  context: TlsContext,
): void {
  if (!some(route.match)) report.error(path, 'a TLS route needs at least one match');
  for (const [index, match] of (route.match ?? []).entries()) {
    const at = `${path}.match[${index}]`;
    if (!some(match.sniHosts)) report.error(at, 'the match needs at least one sniHost');
    for (const [hostIndex, host] of (match.sniHosts ?? []).entries()) {
      checkSniHost(report, `${at}.sniHosts[${hostIndex}]`, host, context);
    }
    checkL4Match(report, at, match);
  }
  if (!some(route.route)) report.error(path, 'a TLS route needs a destination in route');
  checkWeighted(report, `${path}.route`, route.route ?? [], context.isConverted);
}

/** One entry of `tcp`. */
export function checkTcpRoute(
  report: Report,
  path: string,
  route: TCPRoute,
  isConverted: boolean,
): void {
  for (const [index, match] of (route.match ?? []).entries()) {
    checkL4Match(withoutWarnings(report), `${path}.match[${index}]`, match);
  }
  if (!some(route.route)) report.error(path, 'a TCP route needs a destination in route');
  checkWeighted(report, `${path}.route`, route.route ?? [], isConverted);
}
