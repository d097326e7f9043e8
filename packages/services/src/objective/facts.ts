import type { z } from 'zod';
import type { ObjectiveKind, objectiveStatusSchema } from '@ambit/contracts/operations/objective';
import type { Objective } from '@ambit/topology/objectives/objective';

export type ObjectiveStatus = z.input<typeof objectiveStatusSchema>;

/** What is promised, as everything here takes it. */
export interface Promised {
  subject: { kind: 'service' | 'workload'; namespace: string; name: string };
  kind: ObjectiveKind;
  thresholdMs: number | null;
  target: number;
  periodDays: number;
}

export const toObjectiveMath = ({ kind, thresholdMs, target, periodDays }: Promised): Objective =>
  kind === 'latency'
    ? { kind, thresholdMs: thresholdMs ?? 0, target, periodDays }
    : { kind, target, periodDays };

/** Nobody told for this long: it is not known how a thing stands. */
export const unknownAfterMs = 120_000;

/** What somebody tells now holds for this long; older traffic that nobody told of is a gap. */
export const toldForMs = 60_000;
