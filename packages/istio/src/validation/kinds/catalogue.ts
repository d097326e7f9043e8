import { checkAuthorizationPolicy } from './authorization-policy.ts';
import { checkDestinationRule } from './destination-rule.ts';
import { checkEnvoyFilter } from './envoy-filter/index.ts';
import { checkGateway } from './gateway.ts';
import { checkPeerAuthentication } from './peer-authentication.ts';
import { checkProxyConfig } from './proxy-config.ts';
import { checkRequestAuthentication } from './request-authentication.ts';
import { checkServiceEntry } from './service-entry.ts';
import { checkSidecar } from './sidecar.ts';
import type { Check } from './subject.ts';
import { checkTelemetry } from './telemetry.ts';
import { checkTrafficExtension } from './traffic-extension.ts';
import { checkVirtualService } from './virtual-service/index.ts';
import { checkWasmPlugin } from './wasm-plugin.ts';
import { checkWorkloadEntry } from './workload-entry.ts';
import { checkWorkloadGroup } from './workload-group.ts';

export type KindEntry = {
  group: string;
  kind: string;
  /** Served versions, the preferred one first. */
  versions: string[];
  message: string;
  check: Check<never>;
};

const all = ['v1', 'v1beta1', 'v1alpha3'];

const networking = (kind: string, check: Check<never>, versions = all): KindEntry => ({
  group: 'networking.istio.io',
  kind,
  versions,
  message: `istio.networking.v1alpha3.${kind}`,
  check,
});
const security = (kind: string, check: Check<never>): KindEntry => ({
  group: 'security.istio.io',
  kind,
  versions: ['v1', 'v1beta1'],
  message: `istio.security.v1beta1.${kind}`,
  check,
});
const extension = (kind: string, check: Check<never>): KindEntry => ({
  group: 'extensions.istio.io',
  kind,
  versions: ['v1alpha1'],
  message: `istio.extensions.v1alpha1.${kind}`,
  check,
});

/** Every kind that Istio's webhook validates. */
export const kinds: readonly KindEntry[] = [
  networking('VirtualService', checkVirtualService),
  networking('DestinationRule', checkDestinationRule),
  networking('Gateway', checkGateway),
  networking('ServiceEntry', checkServiceEntry),
  networking('Sidecar', checkSidecar),
  networking('WorkloadEntry', checkWorkloadEntry),
  networking('WorkloadGroup', checkWorkloadGroup),
  networking('EnvoyFilter', checkEnvoyFilter, ['v1alpha3']),
  {
    ...networking('ProxyConfig', checkProxyConfig, ['v1beta1']),
    message: 'istio.networking.v1beta1.ProxyConfig',
  },
  security('AuthorizationPolicy', checkAuthorizationPolicy),
  security('RequestAuthentication', checkRequestAuthentication),
  security('PeerAuthentication', checkPeerAuthentication),
  {
    group: 'telemetry.istio.io',
    kind: 'Telemetry',
    versions: ['v1', 'v1alpha1'],
    message: 'istio.telemetry.v1alpha1.Telemetry',
    check: checkTelemetry,
  },
  extension('WasmPlugin', checkWasmPlugin),
  extension('TrafficExtension', checkTrafficExtension),
];

const byKey = new Map(kinds.map((entry) => [`${entry.group}/${entry.kind}`, entry]));

/** The entry of a kind, whatever its version. */
export function kindOf(apiVersion: string, kind: string): KindEntry | undefined {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? undefined : byKey.get(`${apiVersion.slice(0, slash)}/${kind}`);
}
