import type {
  EnvoyFilter,
  EnvoyFilterEnvoyConfigObjectMatch as Match,
  EnvoyFilterEnvoyConfigObjectPatch as ConfigPatch,
} from '../../generated/types.ts';
import type { Report } from '../../issue.ts';
import { byteLength, show } from '../../shared/json.ts';
import { regexProblem } from '../../shared/re2.ts';
import { checkAlphaSelector } from '../../shared/selector.ts';
import type { Check } from '../subject.ts';
import { currentFilterName, httpConnectionManager } from './filter-names.ts';
import { checkPatchValue } from './patch-value.ts';

const maxVersionBytes = 1024;

/** The match that fits each object a patch applies to; other objects take any. */
const matchOf: Record<string, 'listener' | 'routeConfiguration' | 'cluster'> = {
  LISTENER: 'listener',
  FILTER_CHAIN: 'listener',
  NETWORK_FILTER: 'listener',
  HTTP_FILTER: 'listener',
  ROUTE_CONFIGURATION: 'routeConfiguration',
  VIRTUAL_HOST: 'routeConfiguration',
  HTTP_ROUTE: 'routeConfiguration',
  CLUSTER: 'cluster',
};
const matchFields = ['listener', 'routeConfiguration', 'cluster', 'waypoint'] as const;

function missing({ applyTo, patch }: ConfigPatch): string | undefined {
  if (!applyTo) return 'applyTo is needed';
  if (!patch) return 'a patch is needed';
  if (!patch.operation) return 'the patch needs an operation';
  const needsValue = patch.operation !== 'REMOVE' && !patch.value;
  return needsValue ? `the operation ${patch.operation} needs a value` : undefined;
}

/** False when the rest of the patch is not looked at. */
function checkVersion(report: Report, path: string, version: string): boolean {
  if (byteLength(version) > maxVersionBytes) {
    report.warn(path, `longer than ${maxVersionBytes} bytes, so it is ignored`);
    return true;
  }
  const problem = regexProblem(version);
  report.need(path, problem && `no RE2 regular expression: ${problem}`);
  return problem === undefined;
}

function checkFilter(report: Report, path: string, applyTo: string, match: Match): boolean {
  const filter = match.listener?.filterChain?.filter;
  if (!filter) return true;
  const { name = '', subFilter } = filter;
  if (applyTo === 'LISTENER' || applyTo === 'FILTER_CHAIN') {
    report.warn(path, `a match on a filter has no effect when applied to ${applyTo}`);
  }
  const problem =
    name === ''
      ? 'the filter needs a name'
      : subFilter && applyTo !== 'HTTP_FILTER'
        ? 'a subFilter can be matched only when applied to HTTP_FILTER'
        : subFilter && name !== httpConnectionManager && name !== 'envoy.http_connection_manager'
          ? `a subFilter can be matched only within ${httpConnectionManager}`
          : subFilter && !subFilter.name
            ? 'the subFilter needs a name'
            : undefined;
  report.need(path, problem);
  for (const [field, old = ''] of problem
    ? []
    : [['name', name] as const, ['subFilter.name', subFilter?.name] as const]) {
    const current = currentFilterName(old);
    if (current)
      report.warn(`${path}.${field}`, `${show(old)} is deprecated; use ${show(current)}`);
  }
  return problem === undefined;
}

function checkMatch(report: Report, path: string, applyTo: string, match: Match): boolean {
  const wanted = matchOf[applyTo];
  const used = matchFields.find((field) => match[field] !== undefined);
  if (!wanted || !used) return true;
  if (used !== wanted) {
    report.error(`${path}.${used}`, `${applyTo} can be matched only by ${wanted}`);
    return wanted !== 'listener';
  }
  return (
    wanted !== 'listener' ||
    checkFilter(report, `${path}.listener.filterChain.filter`, applyTo, match)
  );
}

function checkConfigPatch(report: Report, path: string, config: ConfigPatch): void {
  const { applyTo, match, patch } = config;
  if (match?.context === 'WAYPOINT') return;
  const problem = missing(config);
  report.need(path, problem);
  if (problem) return;
  const version = match?.proxy?.proxyVersion;
  if (version && !checkVersion(report, `${path}.match.proxy.proxyVersion`, version)) return;
  if (match && !checkMatch(report, `${path}.match`, String(applyTo), match)) return;
  if (patch?.value) checkPatchValue(report, `${path}.patch.value`, String(applyTo), patch.value);
}

export const checkEnvoyFilter: Check<EnvoyFilter> = ({ spec }, report) => {
  if (!checkAlphaSelector(report, 'spec.workloadSelector', spec.workloadSelector)) return;
  report.warn(
    '',
    'an EnvoyFilter depends on details of one release; check it at each upgrade, or use another kind',
  );
  for (const [index, config] of (spec.configPatches ?? []).entries()) {
    checkConfigPatch(report, `spec.configPatches[${index}]`, config);
  }
};
