import type { Gateway, Port, Server } from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { isDnsLabel, serverHostProblems } from '../shared/host.ts';
import { ipProblem } from '../shared/ip.ts';
import { show, some } from '../shared/json.ts';
import { parseProtocol, portProblem, unixAddressProblem, unixPrefix } from '../shared/port.ts';
import { checkServerTls } from '../shared/server-tls.ts';
import type { Check } from './subject.ts';

function portProblems(port: Port, bind: string): [string, string | undefined][] {
  const isSocket = bind.startsWith(unixPrefix) && !port.number;
  const isKnown = parseProtocol(port.protocol).isKnown;
  return [
    [
      '.protocol',
      isKnown
        ? undefined
        : `${show(port.protocol ?? '')} is no protocol of a gateway; use HTTP, HTTPS, HTTP2, GRPC, TLS, TCP, MONGO, MYSQL or REDIS`,
    ],
    ['.number', isSocket ? undefined : portProblem(port.number)],
    ['.targetPort', port.targetPort ? 'a gateway has no targetPort; leave it out' : undefined],
    ['', port.name ? undefined : 'the port needs a name'],
  ];
}

function checkPort(report: Report, path: string, server: Server): boolean {
  if (!server.port) {
    report.error(path, 'the server needs a port');
    return false;
  }
  let isValid = true;
  for (const [field, problem] of portProblems(server.port, server.bind ?? '')) {
    if (problem) isValid = false;
    report.need(`${path}.port${field}`, problem);
  }
  return isValid;
}

function checkBind(report: Report, path: string, server: Server): void {
  const bind = server.bind ?? '';
  if (bind.startsWith(unixPrefix)) {
    report.need(`${path}.bind`, unixAddressProblem(bind.slice(unixPrefix.length)));
    if (server.port?.number) report.error(`${path}.port.number`, 'a socket has no port: use 0');
  } else if (bind !== '') report.need(`${path}.bind`, ipProblem(bind));
}

function checkTlsUse(report: Report, path: string, { port, tls }: Server): void {
  const { isHttp, isTls } = parseProtocol(port?.protocol);
  if (isTls && !tls) report.error(path, `a ${port?.protocol} port needs tls settings`);
  if (isTls || !tls) return;
  const mode = tls.mode ?? 'PASSTHROUGH';
  const isRedirectOnly =
    (mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH') &&
    !(tls.caCertificates || tls.privateKey || tls.serverCertificate);
  if (isHttp && isRedirectOnly) return;
  report.error(
    `${path}.tls`,
    isHttp
      ? 'a plain HTTP port takes no tls settings but httpsRedirect; use protocol HTTPS'
      : 'only HTTPS and TLS ports take tls settings',
  );
}

function checkServer(report: Report, path: string, server: Server, isConverted: boolean): void {
  if (!some(server.hosts)) report.error(path, 'the server needs at least one host');
  for (const [index, host] of (server.hosts ?? []).entries()) {
    for (const problem of serverHostProblems(host, isConverted)) {
      report.need(`${path}.hosts[${index}]`, problem);
    }
  }
  const hasPort = checkPort(report, path, server);
  checkBind(report, path, server);
  checkServerTls(report, `${path}.tls`, server.tls);
  if (hasPort) checkTlsUse(report, path, server);
}

function checkAcrossServers(report: Report, servers: Server[]): void {
  const names = new Set<string>();
  for (const [index, { port, tls }] of servers.entries()) {
    if (!port) continue;
    const path = `spec.servers[${index}]`;
    const name = port.name ?? '';
    if (names.has(name))
      report.error(`${path}.port.name`, `another server has the port name ${show(name)}`);
    names.add(name);
    if (tls?.httpsRedirect && !parseProtocol(port.protocol).isHttp) {
      report.warn(`${path}.tls.httpsRedirect`, 'only an HTTP server can redirect to HTTPS');
    }
  }
}

export const checkGateway: Check<Gateway> = ({ name, annotations, spec }, report) => {
  const isConverted = annotations['internal.istio.io/gateway-semantics'] === 'gateway';
  if (!isDnsLabel(name) && !isConverted) {
    report.error('metadata.name', `${show(name)}: the name of a Gateway must be a DNS label`);
  }
  const servers = spec.servers ?? [];
  if (servers.length === 0) report.error('spec', 'a Gateway needs at least one server');
  for (const [index, server] of servers.entries()) {
    checkServer(report, `spec.servers[${index}]`, server, isConverted);
  }
  checkAcrossServers(report, servers);
};
