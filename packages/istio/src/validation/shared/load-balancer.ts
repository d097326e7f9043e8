import type {
  LoadBalancerSettings,
  LoadBalancerSettingsConsistentHashLB as ConsistentHash,
  LoadBalancerSettingsConsistentHashLBHTTPCookie as HttpCookie,
  WarmupConfiguration,
} from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { durationProblem } from './duration.ts';
import { show } from './json.ts';
import { checkLocality, checkZoneAware } from './locality.ts';

const maglevLimit = 5_000_011;

function isPrime(value: number): boolean {
  if (value > 0 && value < 4) return true;
  if (value % 2 === 0) return false;
  for (let factor = 3; factor * factor <= value; factor += 2) {
    if (value % factor === 0) return false;
  }
  return true;
}

function maglevProblem(size: number): string | undefined {
  if (size >= maglevLimit) return `the table size must be less than ${maglevLimit}`;
  return isPrime(size) ? undefined : `the table size must be a prime number; ${size} is none`;
}

function checkCookie(report: Report, path: string, cookie: HttpCookie): void {
  if (!cookie.name) report.error(path, 'the cookie needs a name');
  const names = new Set<string>();
  for (const [index, { name = '' }] of (cookie.attributes ?? []).entries()) {
    const at = `${path}.attributes[${index}]`;
    if (name === '') report.error(at, 'the attribute needs a name');
    else if (names.has(name)) report.error(`${at}.name`, `${show(name)} is set twice`);
    names.add(name);
  }
}

function checkConsistentHash(report: Report, path: string, hash: ConsistentHash): void {
  if (hash.httpCookie) checkCookie(report, `${path}.httpCookie`, hash.httpCookie);
  if (hash.minimumRingSize) {
    report.warn(`${path}.minimumRingSize`, 'deprecated; use ringHash.minimumRingSize');
    if (hash.ringHash || hash.maglev) {
      report.error(`${path}.minimumRingSize`, 'cannot be combined with ringHash or maglev');
    }
  }
  if (hash.maglev) {
    const { tableSize = 0 } = hash.maglev;
    if (tableSize === 0) report.error(`${path}.maglev.tableSize`, 'maglev needs a tableSize');
    report.need(`${path}.maglev.tableSize`, maglevProblem(tableSize));
  }
}

function checkWarmup(report: Report, path: string, warmup: WarmupConfiguration): void {
  if (warmup.duration === undefined) report.error(path, 'warmup needs a duration');
  else report.need(`${path}.duration`, durationProblem(warmup.duration));
  if ((warmup.minimumPercent ?? 0) > 100) {
    report.error(`${path}.minimumPercent`, 'no more than 100 percent');
  }
  if (warmup.aggression !== undefined && warmup.aggression <= 0) {
    report.error(`${path}.aggression`, 'must be greater than 0');
  }
}

/** `trafficPolicy.loadBalancer`. */
export function checkLoadBalancer(
  report: Report,
  path: string,
  balancer: LoadBalancerSettings | undefined,
  hasOutlierDetection: boolean,
): void {
  if (!balancer) return;
  const { consistentHash, localityLbSetting, zoneAwareLbSetting, warmup } = balancer;
  if (consistentHash) checkConsistentHash(report, `${path}.consistentHash`, consistentHash);
  if (localityLbSetting && zoneAwareLbSetting) {
    report.error(path, 'set only one of localityLbSetting and zoneAwareLbSetting');
  }
  checkLocality(report, `${path}.localityLbSetting`, localityLbSetting, hasOutlierDetection);
  checkZoneAware(report, `${path}.zoneAwareLbSetting`, zoneAwareLbSetting, hasOutlierDetection);
  if (warmup) checkWarmup(report, `${path}.warmup`, warmup);
}
