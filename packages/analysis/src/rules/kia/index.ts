import type { Rule } from '../../rule.ts';
import { severalForNamespace, severalForWorkload } from './0002-several-for-one-workload.ts';
import { exportToMissing, selectorMatchesNothing } from './0004-selector-matches-nothing.ts';
import {
  needsMtls,
  operationHostMissing,
  principalForeign,
  principalMissing,
  principalRemote,
  sourceNamespaceMissing,
  wrongMethod,
} from './0101-authorization-policy.ts';
import { l7PolicyRules } from './0109-l7-policy-in-ambient.ts';
import {
  destinationHostMissing,
  sameHostAndSubset,
  subsetMatchesNothing,
  subsetWithoutLabels,
  wideMtlsOverridden,
} from './0201-destination-rule.ts';
import {
  meshDisableMissing,
  meshPairMissing,
  meshPolicyMissing,
  namespaceDisableMissing,
  namespacePairMissing,
  namespacePolicyMissing,
  strictButDisabled,
  strictMeshButDisabled,
} from './0205-mtls-pairs.ts';
import { l7RouteRules } from './0210-l7-routes-in-ambient.ts';
import { gatewaySelector, sameHostAndPort } from './0301-gateway.ts';
import { appProtocol, deploymentPort, portName } from './0601-service-ports.ts';
import {
  bothModes,
  policyButNoWaypoint,
  sidecarInAmbientNamespace,
  sidecarInAmbientPod,
  sidecarLabelOnCapturedPod,
  waypointMissing,
  waypointOutsideAmbient,
} from './1311-ambient-workloads.ts';

/** Each rule of this folder. */
export const kiaRules: readonly Rule[] = [
  severalForNamespace,
  severalForWorkload,
  selectorMatchesNothing,
  exportToMissing,
  sourceNamespaceMissing,
  wrongMethod,
  operationHostMissing,
  needsMtls,
  principalMissing,
  principalRemote,
  principalForeign,
  ...l7PolicyRules,
  sameHostAndSubset,
  destinationHostMissing,
  subsetMatchesNothing,
  wideMtlsOverridden,
  meshPolicyMissing,
  namespacePolicyMissing,
  strictButDisabled,
  strictMeshButDisabled,
  subsetWithoutLabels,
  ...l7RouteRules,
  sameHostAndPort,
  gatewaySelector,
  meshPairMissing,
  namespacePairMissing,
  namespaceDisableMissing,
  meshDisableMissing,
  portName,
  appProtocol,
  deploymentPort,
  bothModes,
  waypointOutsideAmbient,
  waypointMissing,
  sidecarLabelOnCapturedPod,
  sidecarInAmbientPod,
  sidecarInAmbientNamespace,
  policyButNoWaypoint,
];
