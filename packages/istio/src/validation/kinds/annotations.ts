import type { AuthorizationPolicy } from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { child } from '../path.ts';
import { show } from '../shared/json.ts';
import type { Subject } from './subject.ts';

const dryRun = 'istio.io/dry-run';
const internal = [
  'internal.istio.io/webhook-always-reject',
  'internal.istio.io/parent-namespace',
  'internal.istio.io/parents',
];
const truths = ['1', 't', 'T', 'TRUE', 'true', 'True', '0', 'f', 'F', 'FALSE', 'false', 'False'];

function dryRunProblem(subject: Subject<unknown>, kind: string): string | undefined {
  const value = subject.annotations[dryRun];
  if (value === undefined) return undefined;
  if (kind !== 'AuthorizationPolicy') return 'only an AuthorizationPolicy can be a dry run';
  const { action = 'ALLOW' } = subject.spec as AuthorizationPolicy;
  if (action !== 'ALLOW' && action !== 'DENY')
    return `a dry run is possible for ALLOW and DENY, not for ${action}`;
  return truths.includes(value) ? undefined : `${show(value)} is neither true nor false`;
}

/** Annotations that mean something to the webhook. False when the kind's own checks are not made. */
export function checkAnnotations(report: Report, subject: Subject<unknown>, kind: string): boolean {
  const before = report.errors.length;
  report.need(child('metadata.annotations', dryRun), dryRunProblem(subject, kind));
  for (const name of internal.filter((key) => Object.hasOwn(subject.annotations, key))) {
    report.error(child('metadata.annotations', name), 'only Istio itself may set this annotation');
  }
  return report.errors.length === before;
}
