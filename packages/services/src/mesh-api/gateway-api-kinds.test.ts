import { expect, it } from 'vitest';
import { kindFromCrd } from '@ambit/kube-api/kinds/from-crd';
import { createRegistry } from '@ambit/kube-api/kinds/registry';
import { gatewayApiKinds, isGatewayApi } from './gateway-api-kinds.ts';

it('a mesh whose clusters keep their own Gateway API has its kinds all the same, with their schemas', () => {
  const definitions = gatewayApiKinds();
  expect(definitions.every(isGatewayApi)).toBe(true);
  const registry = createRegistry(definitions.map(kindFromCrd));
  for (const kind of ['Gateway', 'HTTPRoute', 'GRPCRoute', 'GatewayClass', 'ReferenceGrant']) {
    expect(registry.byKind('gateway.networking.k8s.io', kind)?.storage.apiVersion).toMatch(
      /^gateway\.networking\.k8s\.io\/v1/,
    );
  }
});

it('kubectl takes their short names', () => {
  const kinds = gatewayApiKinds().map(kindFromCrd);
  const shortNames = (wanted: string) => kinds.find(({ kind }) => kind === wanted)?.shortNames;
  expect(shortNames('Gateway')).toEqual(['gtw']);
  expect(shortNames('HTTPRoute') ?? []).toEqual([]);
});
