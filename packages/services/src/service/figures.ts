import { figuresOf } from '@ambit/topology/objectives/subject-signals';
import type { Signals } from '@ambit/topology/signals';

/** What something is asked now, as doors give it. */
export function toFigures(signals: Signals, codes: readonly string[]) {
  const { rate, errorShare, p95Ms, mutualTlsShare } = figuresOf(signals, codes);
  return { rate, errorShare, p95Ms, mutualTlsShare };
}
