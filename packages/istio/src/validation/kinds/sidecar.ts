import type {
  IstioEgressListener,
  IstioIngressListener,
  OutboundTrafficPolicy,
  ServerTLSSettings,
  Sidecar,
  SidecarPort,
} from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { checkConnectionPool } from '../shared/connection-pool.ts';
import { checkDestination } from '../shared/destination.ts';
import { egressHostProblems, fqdnProblem } from '../shared/host.ts';
import { ipProblem } from '../shared/ip.ts';
import { show, some } from '../shared/json.ts';
import {
  parseProtocol,
  portNameProblem,
  portProblem,
  protocolProblem,
  unixAddressProblem,
  unixPrefix,
} from '../shared/port.ts';
import { checkAlphaSelector, checkSelectorLabels } from '../shared/selector.ts';
import { checkServerTls } from '../shared/server-tls.ts';
import type { Check } from './subject.ts';

function checkPortBasics(report: Report, path: string, port: SidecarPort): void {
  if (port.targetPort)
    report.error(`${path}.targetPort`, 'a Sidecar has no targetPort; leave it out');
  if (port.name) report.need(`${path}.name`, portNameProblem(port.name));
  report.need(`${path}.protocol`, protocolProblem(port.protocol));
}

const localAddresses = ['', '127.0.0.1', '0.0.0.0', '::1', '::'];

/** Host and port of "host:port" or "[v6]:port". */
function splitHostPort(text: string): [string, string] | undefined {
  const found = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(text);
  return found ? [found[1] ?? found[2] ?? '', found[3] ?? ''] : undefined;
}

function endpointProblem(endpoint: string): string | undefined {
  if (endpoint.startsWith(unixPrefix)) return unixAddressProblem(endpoint.slice(unixPrefix.length));
  const found = splitHostPort(endpoint);
  if (!found) return `${show(endpoint)} must be written as 127.0.0.1:port or unix:///path`;
  const [host, port] = found;
  if (!localAddresses.includes(host)) {
    return `${show(host)} is not this workload; use 127.0.0.1, 0.0.0.0, [::1], [::] or no address`;
  }
  return /^[-+]?\d+$/.test(port) ? portProblem(Number(port)) : `${show(port)} is no port`;
}

const unsupportedTls = [
  'subjectAltNames',
  'httpsRedirect',
  'credentialName',
  'credentialNames',
  'tlsCertificates',
] as const;

function checkIngressTls(
  report: Report,
  path: string,
  tls: ServerTLSSettings,
  isTls: boolean,
): void {
  for (const field of unsupportedTls) {
    const value = tls[field];
    const isSet = Array.isArray(value) ? some(value) : Boolean(value);
    if (isSet) report.error(`${path}.${field}`, 'is not supported in a Sidecar');
  }
  if (tls.mode === 'ISTIO_MUTUAL' || tls.mode === 'AUTO_PASSTHROUGH') {
    report.error(`${path}.mode`, `${tls.mode} is not possible in a Sidecar`);
  }
  if (!isTls) report.error(path, 'only HTTPS and TLS ports take tls settings');
  checkServerTls(report, path, tls);
}

function checkIngress(report: Report, path: string, listener: IstioIngressListener): void {
  const { port = {}, bind, defaultEndpoint, tls, connectionPool } = listener;
  checkPortBasics(report, `${path}.port`, port);
  report.need(`${path}.port.number`, portProblem(port.number));
  if (bind) report.need(`${path}.bind`, ipProblem(bind));
  if (defaultEndpoint) report.need(`${path}.defaultEndpoint`, endpointProblem(defaultEndpoint));
  const { isTls, isHttp } = parseProtocol(port.protocol);
  if (tls) checkIngressTls(report, `${path}.tls`, tls, isTls);
  checkConnectionPool(report, `${path}.connectionPool`, connectionPool);
  if (connectionPool?.http && !isHttp) {
    report.warn(
      `${path}.connectionPool.http`,
      'the port does not speak HTTP, so this has no effect',
    );
  }
}

function checkIngresses(report: Report, listeners: IstioIngressListener[]): void {
  const numbers = new Set<number>();
  for (const [index, listener] of listeners.entries()) {
    const path = `spec.ingress[${index}]`;
    if (!listener.port) {
      report.error(path, 'a port is needed');
      continue;
    }
    checkIngress(report, path, listener);
    const number = listener.port.number ?? 0;
    if (numbers.has(number))
      report.error(`${path}.port.number`, `another listener has the port ${number}`);
    numbers.add(number);
  }
}

function checkEgressPort(report: Report, path: string, listener: IstioEgressListener): void {
  const { port = {}, bind = '', captureMode = 'DEFAULT' } = listener;
  checkPortBasics(report, `${path}.port`, port);
  if (port.number) {
    report.need(`${path}.port.number`, portProblem(port.number));
    if (bind) report.need(`${path}.bind`, ipProblem(bind));
    return;
  }
  report.need(
    `${path}.bind`,
    bind.startsWith(unixPrefix)
      ? unixAddressProblem(bind.slice(unixPrefix.length))
      : 'without a port number a socket is needed, like unix:///path',
  );
  if (captureMode !== 'DEFAULT' && captureMode !== 'NONE') {
    report.error(`${path}.captureMode`, 'a socket takes only DEFAULT or NONE');
  }
}

/** Warns of hosts that another entry of the same listener already brings. */
function warnOfRepeats(report: Report, path: string, hosts: string[], own: string): void {
  const seen = new Map<string, Set<string>>();
  for (const [index, host] of hosts.entries()) {
    const slash = host.indexOf('/');
    if (slash < 0 || host.startsWith('~')) continue;
    const namespace = host.startsWith('./') ? own : host.slice(0, slash);
    const service = host.slice(slash + 1);
    const services = seen.get(namespace) ?? new Set();
    const isRepeated =
      service === '*' ? services.size > 0 : services.has(service) || services.has('*');
    if (isRepeated) report.warn(`${path}[${index}]`, `${show(host)} is brought by another entry`);
    seen.set(namespace, services.add(service));
  }
  if (seen.get('*')?.has('*') && seen.size > 1) {
    report.warn(path, '"*/*" already brings every service; list nothing beside it');
  }
}

function checkEgressHosts(report: Report, path: string, hosts: string[], own: string): void {
  if (hosts.length === 0) report.error(path, 'at least one host is needed');
  for (const [index, host] of hosts.entries()) {
    for (const problem of egressHostProblems(host)) report.need(`${path}[${index}]`, problem);
  }
  warnOfRepeats(report, path, hosts, own);
}

function checkEgresses(report: Report, listeners: IstioEgressListener[], own: string): void {
  const taken = new Set<string>();
  for (const [index, listener] of listeners.entries()) {
    const path = `spec.egress[${index}]`;
    const { port, bind = '', hosts = [] } = listener;
    if (port) {
      checkEgressPort(report, path, listener);
      const key = port.number ? `port ${port.number}` : `socket ${show(bind)}`;
      if (taken.has(key)) report.error(`${path}.port`, `another listener has the ${key}`);
      taken.add(key);
    } else if (index < listeners.length - 1) {
      report.error(path, 'a listener without a port takes all the rest, so it must be the last');
    }
    checkEgressHosts(report, `${path}.hosts`, hosts, own);
  }
}

const meshOnlyMode = 3;

function checkOutbound(report: Report, path: string, policy: OutboundTrafficPolicy): void {
  if (policy.mode === meshOnlyMode) {
    report.error(`${path}.mode`, 'ALLOW_ANY_DYNAMIC_DNS is only for the whole mesh');
    return;
  }
  if (!policy.egressProxy) return;
  const at = `${path}.egressProxy`;
  if (policy.mode !== 'ALLOW_ANY') {
    report.error(at, 'an egress proxy needs the mode ALLOW_ANY');
    return;
  }
  report.need(`${at}.host`, fqdnProblem(policy.egressProxy.host ?? ''));
  if (policy.egressProxy.port) checkDestination(report, at, policy.egressProxy);
  else report.error(at, 'a port is needed');
}

export const checkSidecar: Check<Sidecar> = ({ spec, namespace }, report) => {
  const { ingress = [], egress = [], outboundTrafficPolicy, inboundConnectionPool } = spec;
  const { workloadSelector } = spec;
  if (!some(ingress) && !some(egress) && !outboundTrafficPolicy && !inboundConnectionPool) {
    // Of one that is empty Istio tells nothing else, but for a selector that is wrong.
    const at = 'spec.workloadSelector.labels';
    if (!checkSelectorLabels(report, at, workloadSelector?.labels)) return;
    report.error(
      'spec',
      'set at least one of ingress, egress, outboundTrafficPolicy and inboundConnectionPool',
    );
    return;
  }
  if (!checkAlphaSelector(report, 'spec.workloadSelector', workloadSelector)) return;
  checkIngresses(report, ingress);
  checkConnectionPool(report, 'spec.inboundConnectionPool', inboundConnectionPool);
  checkEgresses(report, egress, namespace);
  if (outboundTrafficPolicy) {
    checkOutbound(report, 'spec.outboundTrafficPolicy', outboundTrafficPolicy);
  }
};
