import type { Rule } from '../../rule.ts';
import { authorityExpired, authorityExpiresSoon } from './0050-authority-expiry.ts';
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
import { serviceEntryShadowsService } from './0010-service-entry-shadows-service.ts';
import { twoRouteApis } from './0011-two-route-apis.ts';
import { mtlsCutsTraffic } from './0012-mtls-cuts-traffic.ts';
import { deadRoute, repeatedMatch } from './0013-dead-routes.ts';
import { routeToNobody, weightToNobody } from './0014-weights-lose-traffic.ts';
import { retriesWithoutTime, routeRetriesWithoutTime } from './0015-retries-and-timeouts.ts';
import { circuitBreakerTooSmall } from './0016-circuit-breaker-too-small.ts';
import { hostDiffersAcrossClusters, hostOfTwoNamespaces } from './0017-host-conflicts.ts';
import { unknownField } from './0019-unknown-field.ts';
import { allowedButDenied, alwaysAllows, neverMatches } from './0020-authorization.ts';
import { certificateExpired, certificateExpiresSoon } from './0022-certificate-expiry.ts';
import { envoyFilterBreaks, envoyFilterWithoutMatch } from './0024-envoy-filter.ts';
import { versionSkew } from './0026-version-skew.ts';
import { ingressBypassesWaypoint } from './0032-ingress-bypasses-waypoint.ts';
import { referenceNotGranted, routeNotAttached } from './0030-route-attachment.ts';
import { disableInAmbient } from './0033-disable-in-ambient.ts';
import { looksEnrolled } from './0040-looks-enrolled.ts';
import { notCarried, workloadCertificateExpired } from './0043-proxy-holdings.ts';
import { nodeWithoutAmbient } from './0042-node-without-ambient.ts';
import { outsideBypassesWaypoint } from './0041-outside-bypasses-waypoint.ts';

/** Each rule of this folder. */
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
  serviceEntryShadowsService,
  twoRouteApis,
  mtlsCutsTraffic,
  deadRoute,
  repeatedMatch,
  weightToNobody,
  routeToNobody,
  retriesWithoutTime,
  routeRetriesWithoutTime,
  circuitBreakerTooSmall,
  hostOfTwoNamespaces,
  hostDiffersAcrossClusters,
  unknownField,
  neverMatches,
  allowedButDenied,
  alwaysAllows,
  certificateExpired,
  certificateExpiresSoon,
  envoyFilterWithoutMatch,
  envoyFilterBreaks,
  versionSkew,
  routeNotAttached,
  referenceNotGranted,
  ingressBypassesWaypoint,
  disableInAmbient,
  looksEnrolled,
  outsideBypassesWaypoint,
  nodeWithoutAmbient,
  notCarried,
  workloadCertificateExpired,
  authorityExpired,
  authorityExpiresSoon,
];
