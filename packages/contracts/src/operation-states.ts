export const operationStates = [
  'pending',
  'running',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
] as const;
export type OperationState = (typeof operationStates)[number];

/** Allowed transitions of an operation; the console reads the same table. */
export const operationTransitions: Record<OperationState, readonly OperationState[]> = {
  pending: ['running', 'cancelled', 'failed'],
  running: ['succeeded', 'failed', 'cancelling', 'cancelled'],
  cancelling: ['cancelled', 'failed', 'succeeded'],
  succeeded: [],
  failed: [],
  cancelled: [],
};

export const isFinished = (state: OperationState): boolean =>
  operationTransitions[state].length === 0;

export const stepStates = [
  'pending',
  'running',
  'succeeded',
  'failed',
  'skipped',
  'cancelled',
] as const;
export type StepState = (typeof stepStates)[number];
