import type { WorkloadEntry } from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { child } from '../path.ts';
import { fqdnProblem } from '../shared/host.ts';
import { isIpAddress } from '../shared/ip.ts';
import { show } from '../shared/json.ts';
import { checkLabels } from '../shared/labels.ts';
import { portNameProblem, portProblem, unixAddressProblem, unixPrefix } from '../shared/port.ts';
import type { Check } from './subject.ts';

type Options = {
  /** The names of the ServiceEntry's ports, when it is an endpoint of one. */
  servicePorts?: ReadonlySet<string>;
  hostAllowed: boolean;
};

function addressProblem(address: string, hostAllowed: boolean): string | undefined {
  if (isIpAddress(address)) return undefined;
  if (!hostAllowed) return `${show(address)} is no IP address, which resolution STATIC needs`;
  return fqdnProblem(address) && `${show(address)} is neither an IP address nor a host name`;
}

/** Ports of an endpoint; with `servicePorts` each must be one of them. */
export function checkEndpointPorts(
  report: Report,
  path: string,
  ports: Map<string, number> | undefined,
  servicePorts: ReadonlySet<string> | undefined,
): void {
  for (const [name, port] of ports ?? []) {
    const at = child(path, name);
    if (servicePorts && !servicePorts.has(name)) {
      report.error(at, `the ServiceEntry has no port named ${show(name)}`);
    }
    report.need(at, portNameProblem(name));
    report.need(at, portProblem(port));
  }
}

/** A workload, alone or as an endpoint of a ServiceEntry. */
export function checkEndpoint(
  report: Report,
  path: string,
  entry: WorkloadEntry,
  { servicePorts, hostAllowed }: Options,
): void {
  const { address = '', network = '', ports } = entry;
  const isSocket = address.startsWith(unixPrefix);
  if (address === '' && network === '') {
    report.error(path, 'an address is needed');
    return;
  }
  if (address === '') report.warn(path, `no address is set, only the network ${show(network)}`);
  else if (isSocket) {
    report.need(`${path}.address`, unixAddressProblem(address.slice(unixPrefix.length)));
    if (ports?.size) report.error(`${path}.ports`, 'a socket has no ports');
    if (servicePorts && servicePorts.size !== 1) {
      report.error(path, 'with a socket as endpoint the ServiceEntry needs exactly one port');
    }
  } else report.need(`${path}.address`, addressProblem(address, hostAllowed));
  checkEndpointPorts(report, `${path}.ports`, ports, servicePorts);
  checkLabels(report, `${path}.labels`, entry.labels);
}

export const checkWorkloadEntry: Check<WorkloadEntry> = ({ spec }, report) =>
  checkEndpoint(report, 'spec', spec, { hostAllowed: true });
