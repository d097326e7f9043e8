import type { Rule } from '../../rule.ts';
import { severalForNamespace, severalForWorkload } from './0002-several-for-one-workload.ts';
import { exportToMissing, selectorMatchesNothing } from './0004-selector-matches-nothing.ts';
import {
  needsMtls,
  operationHostMissing,
  sourceNamespaceMissing,
  wrongMethod,
} from './0101-authorization-policy.ts';
import { principalForeign, principalMissing, principalRemote } from './0106-principals.ts';
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
import { ambiguousMode, egressHostMissing, globalWithSelector } from './1004-sidecar.ts';
import {
  destinationMissing,
  gatewayMissing,
  oldGatewayName,
  repeatedSubset,
  sameHost,
  singleWeight,
  subsetMissing,
} from './1101-virtual-service.ts';
import { conflictingEntry, duplicateEntry } from './1211-service-entry.ts';
import { uncoveredWorkload } from './1301-uncovered-workload.ts';
import {
  bothModes,
  policyButNoWaypoint,
  sidecarInAmbientNamespace,
  sidecarInAmbientPod,
  sidecarLabelOnCapturedPod,
  waypointMissing,
  waypointOutsideAmbient,
} from './1311-ambient-workloads.ts';
import {
  classMissing,
  grantNamespaceMissing,
  routeBackendMissing,
  routeGatewayMissing,
  sameAddress,
  sameListener,
  uniqueListener,
} from './1401-gateway-api.ts';
import { groupAccountMissing, groupLabelsRepeat } from './1701-workload-group.ts';

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
  egressHostMissing,
  globalWithSelector,
  ambiguousMode,
  destinationMissing,
  gatewayMissing,
  singleWeight,
  repeatedSubset,
  sameHost,
  subsetMissing,
  oldGatewayName,
  duplicateEntry,
  conflictingEntry,
  uncoveredWorkload,
  bothModes,
  waypointOutsideAmbient,
  waypointMissing,
  sidecarLabelOnCapturedPod,
  sidecarInAmbientPod,
  sidecarInAmbientNamespace,
  policyButNoWaypoint,
  routeGatewayMissing,
  routeBackendMissing,
  sameListener,
  sameAddress,
  uniqueListener,
  classMissing,
  grantNamespaceMissing,
  groupAccountMissing,
  groupLabelsRepeat,
];
