import type { Rule } from '../../rule.ts';

/** Each rule of this folder, one a line. */
export const ambRules: readonly Rule[] = [];
