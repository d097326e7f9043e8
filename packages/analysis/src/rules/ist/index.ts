import type { Rule } from '../../rule.ts';
import { internalGateway } from './0165-internal-gateway.ts';

/** Each rule of this folder, one a line. */
export const istRules: readonly Rule[] = [internalGateway];
