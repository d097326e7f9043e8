import type { Rule } from '../../rule.ts';
import { l7PolicyRules } from './0109-l7-policy-in-ambient.ts';
import { l7RouteRules } from './0210-l7-routes-in-ambient.ts';
import {
  bothModes,
  policyButNoWaypoint,
  sidecarInAmbientNamespace,
  sidecarInAmbientPod,
  sidecarLabelOnCapturedPod,
  waypointMissing,
  waypointOutsideAmbient,
} from './1311-ambient-workloads.ts';

/** Each rule of this folder, by code. */
export const kiaRules: readonly Rule[] = [
  ...l7PolicyRules,
  ...l7RouteRules,
  bothModes,
  waypointOutsideAmbient,
  waypointMissing,
  sidecarLabelOnCapturedPod,
  sidecarInAmbientPod,
  sidecarInAmbientNamespace,
  policyButNoWaypoint,
];
