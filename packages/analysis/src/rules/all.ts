import type { Rule } from '../rule.ts';
import { ambRules } from './amb/index.ts';
import { istRules } from './ist/index.ts';
import { kiaRules } from './kia/index.ts';

/** Every rule there is. */
export const allRules: readonly Rule[] = [...istRules, ...kiaRules, ...ambRules];
