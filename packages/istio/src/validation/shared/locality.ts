import type {
  LocalityLoadBalancerSetting,
  ZoneAwareLoadBalancerSetting,
} from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { show, some } from './json.ts';

const topologyLabels = new Set([
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
]);

/** The first locality ("region/zone/subzone", `*` at the end) that is malformed or overlaps an earlier one. */
function localitiesProblem(localities: string[]): string | undefined {
  const taken = new Map<string, Map<string, Set<string>>>();
  for (const locality of localities) {
    const stars = locality.split('*').length - 1;
    if (stars > 1 || (stars === 1 && !locality.endsWith('*'))) {
      return `${show(locality)}: a wildcard is allowed once, at the end`;
    }
    const overlap = `${show(locality)} overlaps another locality`;
    if (taken.has('*')) return overlap;
    const [region = '', zone, ...rest] = locality.split('/');
    const subzone = zone === undefined || rest.length === 0 ? undefined : rest.join('/');
    if (region === '' || zone === '' || subzone === '') {
      return `${show(locality)} has an empty region, zone or subzone`;
    }
    const zones = taken.get(region);
    if (zone === undefined) {
      if (zones) return overlap;
      taken.set(region, new Map([['*', new Set(['*'])]]));
      continue;
    }
    const subzones = zones?.get(zone);
    if (zones?.has('*') || (subzones && subzone === undefined)) return overlap;
    if (subzones?.has('*') || (subzone !== undefined && subzones?.has(subzone))) return overlap;
    if (!zones) taken.set(region, new Map([[zone, new Set([subzone ?? '*'])]]));
    else if (subzones) subzones.add(subzone ?? '*');
    else zones.set(zone, new Set([subzone ?? '*']));
  }
  return undefined;
}

type Failover = { from?: string; to?: string };

function checkFailover(report: Report, path: string, failovers: Failover[] | undefined): void {
  for (const [index, { from = '', to = '' }] of (failovers ?? []).entries()) {
    const at = `${path}[${index}]`;
    if (from === to) report.error(at, 'from and to must be different regions');
    if (`${from}${to}`.includes('/')) report.error(at, 'failover names regions only, without "/"');
    if (`${from}${to}`.includes('*'))
      report.error(at, 'a region of a failover cannot have a wildcard');
  }
}

type Priorities = { failover?: Failover[]; failoverPriority?: string[] };

function warnWithoutOutlierDetection(
  report: Report,
  path: string,
  setting: Priorities,
  hasOutlierDetection: boolean,
): void {
  if (hasOutlierDetection || !(some(setting.failover) || some(setting.failoverPriority))) return;
  report.warn(path, 'failover does nothing without outlierDetection');
}

/** `localityLbSetting` of a load balancer. */
export function checkLocality(
  report: Report,
  path: string,
  setting: LocalityLoadBalancerSetting | undefined,
  hasOutlierDetection: boolean,
): void {
  if (!setting) return;
  const { distribute = [], failover, failoverPriority = [] } = setting;
  if (distribute.length > 0 && some(failover)) {
    report.error(path, 'distribute and failover cannot be used together');
    return;
  }
  const clash = failoverPriority.find((name) => topologyLabels.has(name));
  if (some(failover) && clash) {
    report.error(
      `${path}.failoverPriority`,
      `${show(clash)} cannot be used together with failover`,
    );
    return;
  }
  for (const [index, { to }] of distribute.entries()) {
    const at = `${path}.distribute[${index}].to`;
    const weights = [...(to?.values() ?? [])];
    if (weights.some((weight) => weight < 1 || weight > 100)) {
      report.error(at, 'a weight must be 1 to 100');
      return;
    }
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (total !== 100) {
      report.error(at, `the weights must add up to 100, not ${total}`);
      return;
    }
    report.need(at, localitiesProblem([...(to?.keys() ?? [])].sort()));
  }
  report.need(`${path}.distribute`, localitiesProblem(distribute.map(({ from = '' }) => from)));
  warnWithoutOutlierDetection(report, path, setting, hasOutlierDetection);
  checkFailover(report, `${path}.failover`, failover);
}

/** `zoneAwareLbSetting` of a load balancer. */
export function checkZoneAware(
  report: Report,
  path: string,
  setting: ZoneAwareLoadBalancerSetting | undefined,
  hasOutlierDetection: boolean,
): void {
  if (!setting) return;
  for (const [index, name] of (setting.failoverPriority ?? []).entries()) {
    if (!topologyLabels.has(name)) continue;
    report.error(
      `${path}.failoverPriority[${index}]`,
      `${show(name)}: regions and zones are handled by themselves; leave it out`,
    );
  }
  warnWithoutOutlierDetection(report, path, setting, hasOutlierDetection);
  checkFailover(report, `${path}.failover`, setting.failover);
}
