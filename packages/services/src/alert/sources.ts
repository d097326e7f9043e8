import type { AlertSource } from '@ambit/contracts/alerts';
import type { Tx } from '@ambit/db/database';
import type { Told } from './facts.ts';
import { observeObjectives, observeSignals } from '../objective/observe.ts';
import { observeFindings } from '../finding/observe.ts';

/** Reads everything of one kind that holds now, and what is not known, of the transaction's organisation. */
export type ReadSource = (tx: Tx, now: Date) => Promise<Told>;

/** By source; whoever has another kind of signal adds its reader, and its word in the contract. */
export const alertSourceReaders: Record<AlertSource, ReadSource> = {
  finding: async (tx) => ({ observations: await observeFindings(tx), gaps: [] }),
  signal: observeSignals,
  objective: observeObjectives,
};
