import type { Rule } from '../../rule.ts';
import {
  l7PolicyForNamespace,
  l7PolicyWithoutWaypoint,
} from './0001-l7-policy-without-waypoint.ts';
import { extensionWithSelector, l7PolicyWithSelector } from './0002-l7-policy-with-selector.ts';

/** Each rule of this folder, one a line. */
export const ambRules: readonly Rule[] = [
  l7PolicyWithoutWaypoint,
  l7PolicyForNamespace,
  l7PolicyWithSelector,
  extensionWithSelector,
];
