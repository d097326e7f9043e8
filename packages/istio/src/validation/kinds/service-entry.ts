import type { ServiceEntry, ServicePort } from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { checkExportTo } from '../shared/export-to.ts';
import {
  fqdnProblem,
  isWildcard,
  partialWildcardProblem,
  wildcardHostProblem,
} from '../shared/host.ts';
import { isIpAddress, subnetProblem } from '../shared/ip.ts';
import { show, some } from '../shared/json.ts';
import { checkLabels } from '../shared/labels.ts';
import { parseProtocol, portNameProblem, portProblem, protocolProblem } from '../shared/port.ts';
import { checkAlphaSelector } from '../shared/selector.ts';
import type { Check, Subject } from './subject.ts';
import { checkEndpoint, checkEndpointPorts } from './workload-entry.ts';

function checkHosts(report: Report, hosts: string[], resolution: string | number): void {
  if (hosts.length === 0) report.error('spec.hosts', 'at least one host is needed');
  for (const [index, host] of hosts.entries()) {
    const path = `spec.hosts[${index}]`;
    if (host === '*') {
      report.error(path, '"*" is too wide for a ServiceEntry; name a host or a domain');
      continue;
    }
    report.need(path, wildcardHostProblem(host));
    const partial = resolution === 'DYNAMIC_DNS' ? undefined : partialWildcardProblem(host);
    if (partial) report.warn(path, partial);
  }
}

function checkAddresses(report: Report, addresses: string[], resolution: string | number): void {
  for (const [index, address] of addresses.entries()) {
    report.need(`spec.addresses[${index}]`, subnetProblem(address));
  }
  const isRange = addresses.some((address) => address.includes('/'));
  if (isRange && resolution !== 'NONE' && resolution !== 'STATIC') {
    report.error(
      'spec.addresses',
      'address blocks are possible only with resolution NONE or STATIC',
    );
  }
}

/** Whether istiod gives the entry an address of its own (PILOT_ENABLE_IP_AUTOALLOCATE is on by default). */
function getsAddress({ labels, spec }: Subject<ServiceEntry>): boolean {
  const isOff = labels['networking.istio.io/enable-autoallocate-ip']?.toLowerCase() === 'false';
  return (spec.resolution ?? 'NONE') !== 'NONE' && !isOff && !some(spec.addresses);
}

function checkPorts(report: Report, ports: ServicePort[], warnOfTcp: boolean): void {
  const names = new Set<string>();
  const numbers = new Set<number>();
  for (const [index, port] of ports.entries()) {
    const path = `spec.ports[${index}]`;
    const { name = '', number = 0, protocol = '', targetPort } = port;
    if (names.has(name)) report.error(`${path}.name`, `another port is named ${show(name)}`);
    if (numbers.has(number))
      report.error(`${path}.number`, `another port has the number ${number}`);
    names.add(name);
    numbers.add(number);
    if (targetPort) report.need(`${path}.targetPort`, portProblem(targetPort));
    if (warnOfTcp && (protocol === '' || protocol === 'TCP')) {
      report.warn(path, 'TCP needs addresses when none is allocated automatically');
    }
    report.need(`${path}.name`, portNameProblem(name));
    report.need(`${path}.protocol`, protocolProblem(protocol));
    report.need(`${path}.number`, portProblem(number));
  }
}

type Names = ReadonlySet<string>;

function checkNoneResolution(report: Report, spec: ServiceEntry): void {
  if (some(spec.endpoints)) report.error('spec.endpoints', 'resolution NONE takes no endpoints');
  if (spec.workloadSelector) {
    report.warn('spec.workloadSelector', 'has no use with resolution NONE');
  }
}

function checkDnsResolution(report: Report, spec: ServiceEntry, servicePorts: Names): void {
  const { hosts = [], endpoints = [], ports = [] } = spec;
  const badHost = endpoints.length > 0 ? -1 : hosts.findIndex((host) => fqdnProblem(host));
  if (badHost >= 0) {
    report.error(
      `spec.hosts[${badHost}]`,
      `${show(hosts[badHost])} cannot be resolved by DNS; name a full domain or list endpoints`,
    );
  }
  if (spec.resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1) {
    report.error('spec.endpoints', 'resolution DNS_ROUND_ROBIN takes one endpoint at most');
  }
  for (const [index, { address = '', labels, ports: endpointPorts }] of endpoints.entries()) {
    const path = `spec.endpoints[${index}]`;
    if (!isIpAddress(address) && fqdnProblem(address)) {
      report.error(`${path}.address`, `${show(address)} is neither an IP address nor a host name`);
    }
    checkLabels(report, `${path}.labels`, labels);
    checkEndpointPorts(report, `${path}.ports`, endpointPorts, servicePorts);
  }
  const hasTcp = ports.some(({ protocol }) => parseProtocol(protocol).isTcp);
  if (some(spec.addresses) && hasTcp && hosts.length > 1) {
    report.warn('spec.hosts', 'with addresses and a TCP port there should be one host only');
  }
}

const dynamicProtocols = new Set(['http', 'tls', 'grpc', 'http2']);

function checkDynamicDns(report: Report, { spec, labels }: Subject<ServiceEntry>): void {
  const { hosts = [], ports = [], location = 'MESH_EXTERNAL' } = spec;
  if (hosts.length === 0) report.error('spec.hosts', 'DYNAMIC_DNS needs a wildcard host');
  for (const [index, host] of hosts.entries()) {
    if (isWildcard(host)) continue;
    report.error(`spec.hosts[${index}]`, 'resolution DYNAMIC_DNS takes wildcard hosts only');
  }
  for (const field of ['addresses', 'endpoints'] as const) {
    if (some(spec[field]))
      report.error(`spec.${field}`, 'resolution DYNAMIC_DNS does not take this');
  }
  for (const [index, { protocol }] of ports.entries()) {
    if (dynamicProtocols.has(parseProtocol(protocol).name)) continue;
    report.error(
      `spec.ports[${index}].protocol`,
      'resolution DYNAMIC_DNS needs HTTP, HTTP2, GRPC or TLS',
    );
  }
  const waypoint = labels['istio.io/use-waypoint'] ?? '';
  if (location !== 'MESH_EXTERNAL' && location !== 'MESH_INTERNAL') {
    report.error('spec.location', 'must be MESH_EXTERNAL or MESH_INTERNAL');
  } else if (location === 'MESH_INTERNAL' && waypoint && waypoint.toLowerCase() !== 'none') {
    report.error('spec.location', 'MESH_INTERNAL with DYNAMIC_DNS does not work with a waypoint');
  }
}

function checkResolution(report: Report, subject: Subject<ServiceEntry>): void {
  const { spec } = subject;
  const servicePorts = new Set((spec.ports ?? []).map(({ name = '' }) => name));
  switch (spec.resolution ?? 'NONE') {
    case 'NONE':
      return checkNoneResolution(report, spec);
    case 'STATIC':
      for (const [index, endpoint] of (spec.endpoints ?? []).entries()) {
        const path = `spec.endpoints[${index}]`;
        checkEndpoint(report, path, endpoint, { servicePorts, hostAllowed: false });
      }
      return;
    case 'DNS':
    case 'DNS_ROUND_ROBIN':
      return checkDnsResolution(report, spec, servicePorts);
    case 'DYNAMIC_DNS':
      return checkDynamicDns(report, subject);
    default:
      return report.error('spec.resolution', `${spec.resolution} is no resolution`);
  }
}

function checkManyHosts(report: Report, spec: ServiceEntry, resolution: string | number): void {
  if (resolution === 'NONE' || (spec.hosts?.length ?? 0) < 2) return;
  const plain = (spec.ports ?? []).findIndex(({ protocol }) => {
    const { isHttp, isTls } = parseProtocol(protocol);
    return !isHttp && !isTls;
  });
  if (plain < 0) return;
  report.error(
    `spec.ports[${plain}].protocol`,
    'several hosts can be told apart only by HTTP or TLS; split the entry or change the protocol',
  );
}

export const checkServiceEntry: Check<ServiceEntry> = (subject, report) => {
  const { spec, namespace } = subject;
  const { hosts = [], addresses = [], ports = [], resolution = 'NONE' } = spec;
  if (!checkAlphaSelector(report, 'spec.workloadSelector', spec.workloadSelector)) return;
  if (spec.workloadSelector && spec.endpoints) {
    report.error('spec.endpoints', 'set only one of workloadSelector and endpoints');
  }
  checkHosts(report, hosts, resolution);
  checkAddresses(report, addresses, resolution);
  checkPorts(report, ports, addresses.length === 0 && !getsAddress(subject));
  checkResolution(report, subject);
  checkManyHosts(report, spec, resolution);
  checkExportTo(report, 'spec.exportTo', spec.exportTo, { namespace, mayHide: true });
};
