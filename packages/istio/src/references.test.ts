import { describe, expect, it } from 'vitest';
import type { KubeObject } from '@ambit/contracts/common';
import { isDelivered, referencesOf } from './references.ts';

const policy = (apiVersion: string, kind: string, spec: object): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'x', namespace: 'shop' },
  spec,
});
const named = (...policies: KubeObject[]) =>
  referencesOf(policies).map(({ kind, namespace, name }) => `${kind} ${namespace ?? '*'}/${name}`);
const networking = 'networking.istio.io/v1';
const gatewayApi = 'gateway.networking.k8s.io/v1';

describe('what policies name', () => {
  it('of Istio are credentials, wherever their workloads run, and pull secrets in their own namespace', () => {
    expect(
      named(
        policy(networking, 'Gateway', {
          servers: [
            { tls: { mode: 'MUTUAL', credentialName: 'shop-tls' } },
            { tls: { mode: 'SIMPLE', credentialNames: ['rsa', 'ecdsa'] } },
            { tls: { credentialName: 'kubernetes-gateway://shop/elsewhere' } },
          ],
        }),
        policy(networking, 'DestinationRule', {
          trafficPolicy: {
            tls: { credentialName: 'client' },
            portLevelSettings: [{ tls: { credentialName: 'port' } }],
          },
        }),
        policy('extensions.istio.io/v1alpha1', 'WasmPlugin', { imagePullSecret: 'registry' }),
      ),
    ).toEqual([
      'Secret */shop-tls',
      'Secret */shop-tls-cacert',
      'Secret */rsa',
      'Secret */rsa-cacert',
      'Secret */ecdsa',
      'Secret */ecdsa-cacert',
      'Secret */client',
      'Secret */client-cacert',
      'Secret */port',
      'Secret */port-cacert',
      'Secret shop/registry',
    ]);
  });

  it('of Gateway API are certificates and parameters, with their namespace or that of the object', () => {
    expect(
      named(
        policy(gatewayApi, 'Gateway', {
          infrastructure: { parametersRef: { group: '', kind: 'ConfigMap', name: 'options' } },
          listeners: [
            { tls: { certificateRefs: [{ name: 'here' }, { name: 'there', namespace: 'certs' }] } },
            { tls: { certificateRefs: [{ group: 'other.io', kind: 'Vault', name: 'no' }] } },
          ],
          tls: {
            frontend: {
              default: { validation: { caCertificateRefs: [{ kind: 'ConfigMap', name: 'ca' }] } },
            },
            backend: { clientCertificateRef: { name: 'client' } },
          },
        }),
        policy(gatewayApi, 'BackendTLSPolicy', {
          validation: { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'roots' }] },
        }),
        policy(gatewayApi, 'HTTPRoute', { rules: [] }),
      ),
    ).toEqual([
      'Secret shop/here',
      'Secret certs/there',
      'ConfigMap shop/options',
      'ConfigMap shop/ca',
      'Secret shop/client',
      'ConfigMap shop/roots',
    ]);
  });

  it('and what is labelled go into the clusters, nothing else', () => {
    const object = (kind: string, namespace: string, labels = {}): KubeObject => ({
      apiVersion: 'v1',
      kind,
      metadata: { name: 'tls', namespace, labels },
    });
    const here = [{ kind: 'Secret' as const, namespace: 'shop', name: 'tls' }];
    expect(isDelivered(object('Secret', 'shop'), here)).toBe(true);
    expect(isDelivered(object('Secret', 'other'), here)).toBe(false);
    expect(isDelivered(object('Secret', 'other'), [{ ...here[0]!, namespace: null }])).toBe(true);
    expect(isDelivered(object('ConfigMap', 'shop'), here)).toBe(false);
    expect(isDelivered(object('ConfigMap', 'x', { 'ambit.dev/deliver': 'true' }), [])).toBe(true);
    expect(isDelivered(object('Namespace', '', { 'ambit.dev/deliver': 'true' }), [])).toBe(false);
    const defaults = { 'gateway.istio.io/defaults-for-class': 'istio-waypoint' };
    expect(isDelivered(object('ConfigMap', 'istio-system', defaults), [])).toBe(true);
  });
});
