import type { Rule } from '../../rule.ts';
import {
  l7PolicyForNamespace,
  l7PolicyWithoutWaypoint,
} from './0001-l7-policy-without-waypoint.ts';
import { extensionWithSelector, l7PolicyWithSelector } from './0002-l7-policy-with-selector.ts';
import { sidecarsBypassWaypoint } from './0003-sidecars-bypass-waypoint.ts';
import { waypointLeadsNowhere } from './0004-waypoint-leads-nowhere.ts';
import { destinationRuleIgnored, routesIgnored } from './0005-ignored-by-ztunnel.ts';
import {
  waypointOneReplica,
  waypointWithoutBudget,
  waypointWithoutPods,
} from './0007-waypoint-capacity.ts';

/** Each rule of this folder, one a line. */
export const ambRules: readonly Rule[] = [
  l7PolicyWithoutWaypoint,
  l7PolicyForNamespace,
  l7PolicyWithSelector,
  extensionWithSelector,
  sidecarsBypassWaypoint,
  waypointLeadsNowhere,
  destinationRuleIgnored,
  routesIgnored,
  waypointWithoutPods,
  waypointOneReplica,
  waypointWithoutBudget,
];
