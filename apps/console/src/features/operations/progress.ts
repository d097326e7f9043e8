import type { LifecycleOperation, LogLine, Step } from '@ambit/contracts/lifecycle';
import { duration } from '../../lib/format.ts';

/** The step worked on now; else the one that failed; else null. */
export function currentStep(operation: Pick<LifecycleOperation, 'steps'>): Step | null {
  return (
    operation.steps.find((step) => step.state === 'running') ??
    operation.steps.find((step) => step.state === 'failed') ??
    null
  );
}

/** Steps that happen only when something has to be taken back. */
export const isFallback = (step: Pick<Step, 'name'>): boolean =>
  step.name === 'undo' || step.name === 'rollback';

/** Steps that are still to come if all goes well, in order. */
export const nextSteps = (operation: Pick<LifecycleOperation, 'steps'>): Step[] =>
  operation.steps.filter((step) => step.state === 'pending' && !isFallback(step));

/** Where an operation stands: "step 2 of 5, Render the release". */
export function stepOfSteps(operation: Pick<LifecycleOperation, 'steps'>): string {
  const steps = operation.steps.filter((step) => !isFallback(step) || step.state === 'running');
  const current = currentStep(operation);
  const index = current ? steps.findIndex((step) => step.name === current.name) : -1;
  return current && index >= 0
    ? `step ${index + 1} of ${steps.length}, ${current.title}`
    : 'waits for a worker';
}

/** Time from begin to end, or to now when it is still under way; empty before the begin. */
export function elapsed(
  span: { startedAt: string | null; finishedAt: string | null },
  nowMs: number,
): string {
  if (!span.startedAt) return '';
  const end = span.finishedAt ? Date.parse(span.finishedAt) : nowMs;
  return duration(end - Date.parse(span.startedAt));
}

/** What an operation is called: what it does, and to what unless its title says so. */
export function operationName(operation: Pick<LifecycleOperation, 'title' | 'target'>): string {
  const { title, target } = operation;
  return title.split(/\s+/).includes(target.name) ? title : `${title} · ${target.name}`;
}

/** What is happening or came of it, in one sentence. */
export function operationSentence(operation: LifecycleOperation): string {
  const step = currentStep(operation);
  switch (operation.state) {
    case 'pending':
      return operation.message || 'Waiting for a worker to take it up.';
    case 'running':
      return step ? `${step.title}: ${step.message || 'under way'}` : operation.message;
    case 'cancelling':
      return operation.message || 'Being cancelled; the step under way is brought to a safe end.';
    default:
      return operation.message || operation.reason;
  }
}

/** Log lines by the step they belong to, each in order. */
export function logsByStep(lines: LogLine[]): Map<string, LogLine[]> {
  const map = new Map<string, LogLine[]>();
  for (const line of lines) map.set(line.step, [...(map.get(line.step) ?? []), line]);
  return map;
}

/** camelCase and kebab words as a label: "objectsApplied" is "Objects applied". */
export function labelOf(key: string): string {
  const words = key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[-_]/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
