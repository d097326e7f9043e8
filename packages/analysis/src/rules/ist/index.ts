import type { Rule } from '../../rule.ts';
import { deprecatedField } from './0002-deprecated.ts';
import { lightstepProvider } from './0002-lightstep.ts';
import { authorizationNamespace } from './0101-authorization-namespace.ts';
import { gatewayCredential } from './0101-gateway-credential.ts';
import { gatewaySelector } from './0101-gateway-selector.ts';
import {
  sidecarSelector,
  sidecarsOnOnePod,
  sidecarsForNamespace,
  sidecarInAmbient,
} from './0101-sidecar-selector.ts';
import { telemetrySelector } from './0101-telemetry-selector.ts';
import { virtualServiceGateway } from './0101-virtual-service-gateway.ts';
import { virtualServiceHost } from './0101-virtual-service-host.ts';
import { virtualServicePort } from './0101-virtual-service-port.ts';
import { virtualServiceSubset } from './0101-virtual-service-subset.ts';
import { namespaceNotInjected } from './0102-namespace-not-injected.ts';
import { podWithoutProxy } from './0103-pod-without-proxy.ts';
import { schemaError, unreachableRule, ineffectiveMatch, schemaWarning } from './0106-schema.ts';
import { misplacedAnnotation } from './0107-misplaced-annotation.ts';
import { unknownAnnotation } from './0108-unknown-annotation.ts';
import { conflictingMeshHosts } from './0109-conflicting-mesh-hosts.ts';
import { destinationPortNeeded } from './0112-destination-port-needed.ts';
import { servicesWithDifferentProtocols } from './0116-services-with-different-protocols.ts';
import { portName } from './0118-port-name.ts';
import { severalInjectionLabels } from './0123-several-injection-labels.ts';
import { invalidAnnotation } from './0125-invalid-annotation.ts';
import { unknownRegistry } from './0126-unknown-registry.ts';
import { noMatchingWorkloads } from './0127-no-matching-workloads.ts';
import { noServerVerification, noServerVerificationOnPort } from './0128-no-server-verification.ts';
import { hostNotOnGateway } from './0132-host-not-on-gateway.ts';
import { serviceEntryAddresses } from './0134-service-entry-addresses.ts';
import { deprecatedAnnotation } from './0135-deprecated-annotation.ts';
import { servicesWithConflictingPorts } from './0137-services-with-conflicting-ports.ts';
import { duplicateCertificate } from './0138-duplicate-certificate.ts';
import { injectionWebhook } from './0139-injection-webhook.ts';
import { subsetNotOnGateway } from './0140-subset-not-on-gateway.ts';
import { reservedUser } from './0144-reserved-user.ts';
import { conflictingGateways } from './0145-conflicting-gateways.ts';
import { imageAutoDeployment } from './0146-image-auto-deployment.ts';
import { imageAutoPod } from './0147-image-auto-pod.ts';
import { injectedByDefault } from './0148-injected-by-default.ts';
import { jwtClaimRoute } from './0149-jwt-claim-route.ts';
import { externalNamePort } from './0150-external-name-port.ts';
import { envoyFilterRelative, envoyFilterRelativeVersioned } from './0151-envoy-filter-relative.ts';
import {
  envoyFilterReplace,
  envoyFilterAdd,
  envoyFilterRemove,
} from './0152-envoy-filter-operation.ts';
import { accessLogWithoutProvider } from './0157-access-log-without-provider.ts';
import { proxyImageMismatch } from './0158-proxy-image-mismatch.ts';
import { telemetriesOnOnePod } from './0159-telemetries-on-one-pod.ts';
import { severalTelemetriesForAll } from './0160-several-telemetries-for-all.ts';
import { invalidGatewayCredential } from './0161-invalid-gateway-credential.ts';
import { gatewayPortNotOnService } from './0162-gateway-port-not-on-service.ts';
import { externalControlPlaneAddress } from './0163-external-control-plane-address.ts';
import { externalControlPlaneByIp } from './0164-external-control-plane-by-ip.ts';
import { internalGateway } from './0165-internal-gateway.ts';
import { selectorOnGatewayPod } from './0166-selector-on-gateway-pod.ts';
import { inconsistentService } from './0170-inconsistent-service.ts';
import { negativeCondition } from './0171-negative-condition.ts';
import { subsetWithoutPods } from './0173-subset-without-pods.ts';
import { unknownDestinationRuleHost } from './0174-unknown-destination-rule-host.ts';
import { jwksFetchUnrestricted } from './0175-jwks-fetch-unrestricted.ts';
import { crdVersion } from './0176-crd-version.ts';
import { conflictingProtocols } from './0177-conflicting-protocols.ts';

/** Each rule of this folder, one a line. */
export const istRules: readonly Rule[] = [
  deprecatedField,
  lightstepProvider,
  authorizationNamespace,
  gatewayCredential,
  gatewaySelector,
  sidecarSelector,
  sidecarsOnOnePod,
  sidecarsForNamespace,
  sidecarInAmbient,
  telemetrySelector,
  virtualServiceGateway,
  virtualServiceHost,
  virtualServicePort,
  virtualServiceSubset,
  namespaceNotInjected,
  podWithoutProxy,
  schemaError,
  unreachableRule,
  ineffectiveMatch,
  schemaWarning,
  misplacedAnnotation,
  unknownAnnotation,
  conflictingMeshHosts,
  destinationPortNeeded,
  servicesWithDifferentProtocols,
  portName,
  severalInjectionLabels,
  invalidAnnotation,
  unknownRegistry,
  noMatchingWorkloads,
  noServerVerification,
  noServerVerificationOnPort,
  hostNotOnGateway,
  serviceEntryAddresses,
  deprecatedAnnotation,
  servicesWithConflictingPorts,
  duplicateCertificate,
  injectionWebhook,
  subsetNotOnGateway,
  reservedUser,
  conflictingGateways,
  imageAutoDeployment,
  imageAutoPod,
  injectedByDefault,
  jwtClaimRoute,
  externalNamePort,
  envoyFilterRelative,
  envoyFilterRelativeVersioned,
  envoyFilterReplace,
  envoyFilterAdd,
  envoyFilterRemove,
  accessLogWithoutProvider,
  proxyImageMismatch,
  telemetriesOnOnePod,
  severalTelemetriesForAll,
  invalidGatewayCredential,
  gatewayPortNotOnService,
  externalControlPlaneAddress,
  externalControlPlaneByIp,
  internalGateway,
  selectorOnGatewayPod,
  inconsistentService,
  negativeCondition,
  subsetWithoutPods,
  unknownDestinationRuleHost,
  jwksFetchUnrestricted,
  crdVersion,
  conflictingProtocols,
];
