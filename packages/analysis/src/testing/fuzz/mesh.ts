import * as fc from 'fast-check';
import { documents as changedDocuments } from '@ambit/istio/validation/testing/documents';
import { stringify } from 'yaml';
import type { PeerCase } from '../peer.ts';
import { chance, pick, seededDice, some } from './dice.ts';
import type { Dice } from './dice.ts';
import * as gatewayApi from './gateway-api.ts';
import * as istio from './istio.ts';
import * as kubernetes from './kubernetes.ts';
import { namespaceOf } from './pools.ts';

type Make = (dice: Dice) => Record<string, unknown>;

const makers: readonly Make[] = [
  kubernetes.namespace,
  kubernetes.namespace,
  kubernetes.pod,
  kubernetes.pod,
  kubernetes.pod,
  kubernetes.deployment,
  kubernetes.deployment,
  kubernetes.service,
  kubernetes.service,
  kubernetes.service,
  kubernetes.node,
  kubernetes.secret,
  kubernetes.injector,
  kubernetes.webhooks,
  kubernetes.webhooks,
  kubernetes.definition,
  istio.virtualService,
  istio.virtualService,
  istio.virtualService,
  istio.destinationRule,
  istio.destinationRule,
  istio.gateway,
  istio.gateway,
  istio.serviceEntry,
  istio.serviceEntry,
  istio.sidecar,
  istio.sidecar,
  istio.authorizationPolicy,
  istio.requestAuthentication,
  istio.peerAuthentication,
  istio.telemetry,
  istio.telemetry,
  istio.proxyConfig,
  istio.envoyFilter,
  istio.workloadEntry,
  gatewayApi.gatewayApiGateway,
  gatewayApi.httpRoute,
  gatewayApi.gatewayPod,
  gatewayApi.policyWithSelector,
];

const meshConfigs = [
  'rootNamespace: a',
  'ingressControllerMode: "OFF"',
  'ingressService: gw',
  'defaultProviders: {accessLogging: [envoy]}',
  'extensionProviders: [{name: ls, lightstep: {service: a, port: 1}}, {name: zipkin, zipkin: {service: a, port: 1}}]',
  'extension_providers: [{name: ls2, lightstep: {service: a, port: 1}}]',
  'defaultConfig: {image: {imageType: distroless}}',
  'defaultConfig: {proxyMetadata: {ISTIO_META_DNS_AUTO_ALLOCATE: "true", ISTIO_META_DNS_CAPTURE: "true"}}',
  'trustDomain: example.com',
  'enableAutoMtls: false',
];

const networks = [
  'networks: {n1: {endpoints: [{fromRegistry: c1}, {fromRegistry: Kubernetes}]}}',
  'networks: {n1: {endpoints: [{fromRegistry: gone}, {fromCidr: 10.0.0.0/8}]}, n2: {endpoints: [{fromRegistry: gone}]}}',
];

/** Block style puts each value on a line of its own; JSON, inner flow style and Lists are what people write too. */
function textOf(dice: Dice, objects: Record<string, unknown>[]): string {
  const options = { aliasDuplicateObjects: false, lineWidth: 0, version: '1.1' } as const;
  if (chance(dice, 12)) {
    return stringify({ apiVersion: 'v1', kind: 'List', items: objects }, options);
  }
  const first = pick(dice, ['', '', '', '---\n', '\n', '# a\n---\n', '---\n---\n', '--- \n']);
  const separator = pick(dice, [
    '---\n',
    '---\n',
    '---\n',
    '---\n',
    '---\n\n',
    '---\n# b\n',
    '--- \n',
  ]);
  const between = chance(dice, 30) ? '--- # next\n' : separator;
  const documents = objects
    .map((object) =>
      chance(dice, 12) ? `${JSON.stringify(object)}\n` : stringify(object, options),
    )
    .join(between);
  return first + documents;
}

function changed(dice: Dice): Record<string, unknown> {
  const [document] = fc.sample(changedDocuments, { numRuns: 1, seed: dice(0x7fffffff) });
  const { metadata } = document as { metadata: Record<string, unknown> };
  const namespace = namespaceOf(dice);
  return {
    ...document,
    metadata: { ...metadata, ...(namespace === '' ? {} : { namespace }) },
  } as Record<string, unknown>;
}

/**
 * A small mesh of up to forty objects whose names, hosts and labels meet often, with mistakes of all kinds. A few
 * kinds rule each mesh, so that objects of a kind meet too.
 */
export function smallMesh(seed: number): PeerCase {
  const dice = seededDice(seed);
  const favourites = some(dice, 3, 9, () => pick(dice, makers));
  const most = pick(dice, [8, 16, 40]);
  const objects = some(dice, 1, most, () => {
    if (chance(dice, 12)) return changed(dice);
    return (chance(dice, 4) ? pick(dice, makers) : pick(dice, favourites))(dice);
  });
  const cut = chance(dice, 5) ? dice(objects.length) : objects.length;
  const files = [
    { file: 'a.yaml', text: textOf(dice, objects.slice(0, cut)) },
    ...(cut < objects.length ? [{ file: 'b.yaml', text: textOf(dice, objects.slice(cut)) }] : []),
  ];
  return {
    files,
    ...(chance(dice, 12) ? { meshConfig: pick(dice, meshConfigs) } : {}),
    ...(chance(dice, 30) ? { meshNetworks: pick(dice, networks) } : {}),
  };
}
