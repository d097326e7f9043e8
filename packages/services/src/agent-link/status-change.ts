import type { StatusReport } from '@ambit/contracts/agent/protocol';
import { canonicalJson } from '@ambit/contracts/canonical';

type Reported = Omit<StatusReport, 'logs'>;

export interface StatusChange {
  /** Something a person sees of the cluster differs: nodes, versions, conditions, bundle states. */
  visible: boolean;
  /** Bundle states, errors or drift differ: the mesh is to be looked at. */
  bundles: boolean;
  actions: boolean;
}

const bundleView = (report: Reported) =>
  report.bundles.map(({ name, digest, state, message, errors, drift, phase }) => ({
    name,
    digest,
    state,
    message,
    errors,
    drift,
    phase,
  }));

const differs = (a: unknown, b: unknown): boolean => canonicalJson(a) !== canonicalJson(b);

/** What differs between two reports of one cluster. Counters and sequence numbers alone are not a change. */
export function statusChange(before: Reported | null, after: Reported): StatusChange {
  if (!before) {
    return { visible: true, bundles: after.bundles.length > 0, actions: after.actions.length > 0 };
  }
  const bundles = differs(bundleView(before), bundleView(after));
  const visible =
    bundles ||
    differs(before.cluster, after.cluster) ||
    differs(before.agent, after.agent) ||
    differs(before.conditions, after.conditions);
  return { visible, bundles, actions: differs(before.actions, after.actions) };
}
