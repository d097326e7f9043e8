import type { Rule } from '../../rule.ts';
import { gatewayCredential } from './0101-gateway-credential.ts';
import { gatewaySelector } from './0101-gateway-selector.ts';
import {
  sidecarSelector,
  sidecarsOnOnePod,
  sidecarsForNamespace,
  sidecarInAmbient,
} from './0101-sidecar-selector.ts';
import { virtualServiceGateway } from './0101-virtual-service-gateway.ts';
import { virtualServiceHost } from './0101-virtual-service-host.ts';
import { virtualServicePort } from './0101-virtual-service-port.ts';
import { virtualServiceSubset } from './0101-virtual-service-subset.ts';
import { schemaError, unreachableRule, ineffectiveMatch, schemaWarning } from './0106-schema.ts';
import { conflictingMeshHosts } from './0109-conflicting-mesh-hosts.ts';
import { destinationPortNeeded } from './0112-destination-port-needed.ts';
import { noServerVerification, noServerVerificationOnPort } from './0128-no-server-verification.ts';
import { hostNotOnGateway } from './0132-host-not-on-gateway.ts';
import { serviceEntryAddresses } from './0134-service-entry-addresses.ts';
import { duplicateCertificate } from './0138-duplicate-certificate.ts';
import { subsetNotOnGateway } from './0140-subset-not-on-gateway.ts';
import { conflictingGateways } from './0145-conflicting-gateways.ts';
import { jwtClaimRoute } from './0149-jwt-claim-route.ts';
import { envoyFilterRelative, envoyFilterRelativeVersioned } from './0151-envoy-filter-relative.ts';
import {
  envoyFilterReplace,
  envoyFilterAdd,
  envoyFilterRemove,
} from './0152-envoy-filter-operation.ts';
import { invalidGatewayCredential } from './0161-invalid-gateway-credential.ts';
import { gatewayPortNotOnService } from './0162-gateway-port-not-on-service.ts';
import { internalGateway } from './0165-internal-gateway.ts';
import { selectorOnGatewayPod } from './0166-selector-on-gateway-pod.ts';
import { negativeCondition } from './0171-negative-condition.ts';
import { subsetWithoutPods } from './0173-subset-without-pods.ts';
import { unknownDestinationRuleHost } from './0174-unknown-destination-rule-host.ts';
import { crdVersion } from './0176-crd-version.ts';
import { conflictingProtocols } from './0177-conflicting-protocols.ts';

/** Each rule of this folder, one a line. */
export const istRules: readonly Rule[] = [
  gatewayCredential,
  gatewaySelector,
  sidecarSelector,
  sidecarsOnOnePod,
  sidecarsForNamespace,
  sidecarInAmbient,
  virtualServiceGateway,
  virtualServiceHost,
  virtualServicePort,
  virtualServiceSubset,
  schemaError,
  unreachableRule,
  ineffectiveMatch,
  schemaWarning,
  conflictingMeshHosts,
  destinationPortNeeded,
  noServerVerification,
  noServerVerificationOnPort,
  hostNotOnGateway,
  serviceEntryAddresses,
  duplicateCertificate,
  subsetNotOnGateway,
  conflictingGateways,
  jwtClaimRoute,
  envoyFilterRelative,
  envoyFilterRelativeVersioned,
  envoyFilterReplace,
  envoyFilterAdd,
  envoyFilterRemove,
  invalidGatewayCredential,
  gatewayPortNotOnService,
  internalGateway,
  selectorOnGatewayPod,
  negativeCondition,
  subsetWithoutPods,
  unknownDestinationRuleHost,
  crdVersion,
  conflictingProtocols,
];
