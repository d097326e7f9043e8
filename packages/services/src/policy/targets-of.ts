import type { PolicyTargets } from '@ambit/contracts/operations/policy';

/** The parts of a policy's `spec` that say what it acts on, as they are stored. */
export interface Scope {
  hosts: unknown;
  host: unknown;
  parentRefs: unknown;
  targetRefs: unknown;
  targetRef: unknown;
  selector: unknown;
  workloadSelector: unknown;
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * What a policy acts on: hosts of a VirtualService or DestinationRule, references of Gateway API, and labels of a selector
 * (istio.io, "Workload Selector"; EnvoyFilter and Sidecar call theirs `workloadSelector.labels`).
 */
export function targetsOf({ kind, namespace }: Identity, scope: Scope): PolicyTargets {
  const hosts =
    kind === 'VirtualService' ? list(scope.hosts) : kind === 'DestinationRule' ? [scope.host] : [];
  const refs = [...list(scope.parentRefs), ...list(scope.targetRefs), scope.targetRef]
    .map(record)
    .filter(({ name }) => text(name) !== '')
    .map((ref) => ({
      kind: text(ref['kind']),
      namespace: text(ref['namespace']) || namespace,
      name: text(ref['name']),
    }));
  const own = record(scope.selector);
  const labels = record(own['matchLabels'] ?? record(scope.workloadSelector)['labels']);
  return {
    hosts: hosts.map(text).filter((host) => host !== ''),
    refs,
    selector: Object.fromEntries(
      Object.entries(labels).map(([label, value]) => [label, text(value)]),
    ),
  };
}

interface Identity {
  kind: string;
  namespace: string;
}
