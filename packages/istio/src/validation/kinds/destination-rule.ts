import type {
  DestinationRule,
  OutlierDetection,
  Subset,
  TrafficPolicy,
  TrafficPolicyPortTrafficPolicy as PortPolicy,
  TrafficPolicyTunnelSettings as Tunnel,
} from '../generated/types.ts';
import { withoutWarnings } from '../issue.ts';
import type { Report } from '../issue.ts';
import { checkClientTls } from '../shared/client-tls.ts';
import { checkConnectionPool } from '../shared/connection-pool.ts';
import { durationProblem } from '../shared/duration.ts';
import { checkExportTo } from '../shared/export-to.ts';
import { fqdnProblem, isDnsLabel, wildcardHostProblem } from '../shared/host.ts';
import { isIpAddress } from '../shared/ip.ts';
import { show } from '../shared/json.ts';
import { checkLabels } from '../shared/labels.ts';
import { checkLoadBalancer } from '../shared/load-balancer.ts';
import { portProblem } from '../shared/port.ts';
import { checkSelector } from '../shared/selector.ts';
import type { Check } from './subject.ts';

function checkOutlierDetection(report: Report, path: string, outlier?: OutlierDetection): void {
  if (!outlier) return;
  for (const field of ['baseEjectionTime', 'interval'] as const) {
    const ns = outlier[field];
    if (ns !== undefined) report.need(`${path}.${field}`, durationProblem(ns));
  }
  if (outlier.consecutiveErrors) {
    report.warn(
      `${path}.consecutiveErrors`,
      'deprecated; use consecutiveGatewayErrors or consecutive5xxErrors',
    );
  }
  if (
    !outlier.splitExternalLocalOriginErrors &&
    (outlier.consecutiveLocalOriginFailures ?? 0) > 0
  ) {
    report.error(
      `${path}.consecutiveLocalOriginFailures`,
      'has an effect only when splitExternalLocalOriginErrors is true',
    );
  }
  for (const field of ['maxEjectionPercent', 'minHealthPercent'] as const) {
    const percent = outlier[field] ?? 0;
    if (percent < 0 || percent > 100)
      report.error(`${path}.${field}`, `${percent} is not 0 to 100`);
  }
}

function checkTunnel(
  report: Report,
  path: string,
  { protocol, targetHost = '', targetPort }: Tunnel,
): void {
  if (protocol && protocol !== 'CONNECT' && protocol !== 'POST') {
    report.error(`${path}.protocol`, `${show(protocol)} is not possible; use CONNECT or POST`);
  }
  if (!isIpAddress(targetHost)) report.need(`${path}.targetHost`, fqdnProblem(targetHost));
  report.need(`${path}.targetPort`, portProblem(targetPort));
}

const portFields = ['outlierDetection', 'connectionPool', 'loadBalancer', 'tls'] as const;
const policyFields = [
  ...portFields,
  'portLevelSettings',
  'tunnel',
  'proxyProtocol',
  'retryBudget',
] as const;

function checkCommon(report: Report, path: string, policy: PortPolicy, namespace: string): void {
  const hasOutlier = policy.outlierDetection !== undefined;
  checkOutlierDetection(report, `${path}.outlierDetection`, policy.outlierDetection);
  checkConnectionPool(report, `${path}.connectionPool`, policy.connectionPool);
  checkLoadBalancer(report, `${path}.loadBalancer`, policy.loadBalancer, hasOutlier);
  checkClientTls(report, `${path}.tls`, policy.tls, namespace);
}

function checkPortPolicies(
  report: Report,
  path: string,
  policies: PortPolicy[],
  namespace: string,
): void {
  for (const [index, policy] of policies.entries()) {
    const at = `${path}[${index}]`;
    if (!policy.port) report.error(at, 'a port is needed');
    if (portFields.every((field) => policy[field] === undefined)) {
      report.error(at, `set at least one of ${portFields.join(', ')}`);
    } else checkCommon(withoutWarnings(report), at, policy, namespace);
  }
}

function checkTrafficPolicy(
  report: Report,
  path: string,
  policy: TrafficPolicy | undefined,
  namespace: string,
): void {
  if (!policy) return;
  if (policyFields.every((field) => policy[field] === undefined)) {
    report.error(path, 'the traffic policy is empty; set at least one field or leave it out');
    return;
  }
  if (policy.tunnel && policy.proxyProtocol) {
    report.error(path, 'set only one of tunnel and proxyProtocol');
    return;
  }
  checkCommon(report, path, policy, namespace);
  checkPortPolicies(report, `${path}.portLevelSettings`, policy.portLevelSettings ?? [], namespace);
  if (policy.tunnel) checkTunnel(report, `${path}.tunnel`, policy.tunnel);
  const version = policy.proxyProtocol?.version ?? 'V1';
  if (version !== 'V1' && version !== 'V2') {
    report.error(`${path}.proxyProtocol.version`, `${version} is no version; use V1 or V2`);
  }
}

function checkSubset(report: Report, path: string, subset: Subset, namespace: string): void {
  const name = subset.name ?? '';
  if (!isDnsLabel(name)) {
    report.error(
      `${path}.name`,
      name ? `${show(name)} is no DNS label` : 'the subset needs a name',
    );
  }
  checkLabels(report, `${path}.labels`, subset.labels);
  checkTrafficPolicy(
    withoutWarnings(report),
    `${path}.trafficPolicy`,
    subset.trafficPolicy,
    namespace,
  );
}

export const checkDestinationRule: Check<DestinationRule> = ({ spec, namespace }, report) => {
  report.need('spec.host', wildcardHostProblem(spec.host ?? ''));
  checkTrafficPolicy(report, 'spec.trafficPolicy', spec.trafficPolicy, namespace);
  const names = new Set<string>();
  for (const [index, subset] of (spec.subsets ?? []).entries()) {
    const path = `spec.subsets[${index}]`;
    const name = subset.name ?? '';
    if (names.has(name)) report.error(`${path}.name`, `another subset is named ${show(name)}`);
    names.add(name);
    checkSubset(report, path, subset, namespace);
  }
  const isOwnOnly = spec.workloadSelector !== undefined;
  checkExportTo(report, 'spec.exportTo', spec.exportTo, { namespace, isOwnOnly });
  checkSelector(report, 'spec.workloadSelector', spec.workloadSelector);
};
