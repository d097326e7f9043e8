import type { AlertSource } from '@ambit/contracts/alerts';
import type { Tx } from '@ambit/db/database';
import type { Observation } from './facts.ts';
import { observeFindings } from '../finding/observe.ts';

/** Reads everything of one kind that holds now, of the transaction's organisation. */
export type ReadSource = (tx: Tx) => Promise<Observation[]>;

/** By source; whoever has another kind of signal adds its reader, and its word in the contract. */
export const alertSourceReaders: Record<AlertSource, ReadSource> = {
  finding: observeFindings,
};
