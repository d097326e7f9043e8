import type {
  NetworkingWorkloadSelector,
  PolicyTargetReference,
  TypeWorkloadSelector,
} from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { child } from '../path.ts';
import { show, some } from './json.ts';

export function checkSelectorLabels(
  report: Report,
  path: string,
  labels: Map<string, string> | undefined,
): boolean {
  let isValid = true;
  const refuse = (key: string, message: string): void => {
    isValid = false;
    report.error(child(path, key), message);
  };
  for (const [key, value] of labels ?? []) {
    if (key === '') refuse(key, 'a label without a key selects nothing');
    if (`${key}${value}`.includes('*')) refuse(key, 'a wildcard is not supported in a selector');
  }
  return isValid;
}

/** The `workloadSelector` of Sidecar, ServiceEntry and EnvoyFilter. False when the kind's other checks are not run. */
export function checkAlphaSelector(
  report: Report,
  path: string,
  selector: NetworkingWorkloadSelector | undefined,
): boolean {
  if (!selector) return true;
  const isValid = checkSelectorLabels(report, `${path}.labels`, selector.labels);
  if (isValid && !selector.labels?.size) {
    report.warn(
      path,
      'the selector has no labels, so it applies to every workload of the namespace',
    );
  }
  return isValid;
}

/** The `selector` of policies and plugins. */
export function checkSelector(
  report: Report,
  path: string,
  selector: TypeWorkloadSelector | undefined,
): void {
  if (!selector) return;
  checkSelectorLabels(report, `${path}.matchLabels`, selector.matchLabels);
  if (!selector.matchLabels?.size) report.warn(path, 'the selector has no labels');
}

const targets = [
  { group: 'core', kind: 'Service' },
  { group: 'networking.istio.io', kind: 'ServiceEntry' },
  { group: 'gateway.networking.k8s.io', kind: 'Gateway' },
  { group: 'gateway.networking.k8s.io', kind: 'GatewayClass' },
];

function checkTargetRef(report: Report, path: string, ref: PolicyTargetReference): void {
  if (!ref.name) report.error(path, 'the target needs a name');
  if (ref.namespace) {
    report.error(
      `${path}.namespace`,
      'a target in another namespace is not supported; leave it out',
    );
  }
  const group = ref.group ?? 'core';
  if (targets.some((target) => target.kind === ref.kind && target.group === group)) return;
  report.error(
    `${path}.kind`,
    `${show(`${ref.group ?? ''}/${ref.kind ?? ''}`)} cannot be a target; use a Service, ServiceEntry, Gateway or GatewayClass`,
  );
}

type Attached = {
  selector?: TypeWorkloadSelector;
  targetRef?: PolicyTargetReference;
  targetRefs?: PolicyTargetReference[];
};

/** `selector`, `targetRef` and `targetRefs`: at most one of them, each well formed. */
export function checkAttachment(report: Report, path: string, spec: Attached): void {
  const used = [spec.selector, spec.targetRef, some(spec.targetRefs) || undefined];
  if (used.filter((value) => value !== undefined).length > 1) {
    report.error(path, 'only one of selector, targetRef and targetRefs can be set');
  }
  checkSelector(report, `${path}.selector`, spec.selector);
  if (spec.targetRef) checkTargetRef(report, `${path}.targetRef`, spec.targetRef);
  for (const [index, ref] of (spec.targetRefs ?? []).entries()) {
    checkTargetRef(report, `${path}.targetRefs[${index}]`, ref);
  }
}
