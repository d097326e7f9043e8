import type { KubeObject } from '@ambit/contracts/common';
import { definitionNames, knownKinds, type KnownKind } from '@ambit/istio/kinds';
import { maker } from './objects.ts';

const gatewayApiGroup = 'gateway.networking.k8s.io';
/** The version whose kinds the sandbox serves. */
export const gatewayApiVersion = 'v1.4.0';

const column = (name: string, jsonPath: string, type = 'string') => ({ name, jsonPath, type });
const age = column('Age', '.metadata.creationTimestamp', 'date');

const columns: Record<string, ReturnType<typeof column>[]> = {
  VirtualService: [column('Gateways', '.spec.gateways'), column('Hosts', '.spec.hosts')],
  DestinationRule: [column('Host', '.spec.host')],
  ServiceEntry: [column('Hosts', '.spec.hosts'), column('Resolution', '.spec.resolution')],
  PeerAuthentication: [column('Mode', '.spec.mtls.mode')],
  AuthorizationPolicy: [column('Action', '.spec.action')],
  HTTPRoute: [column('Hostnames', '.spec.hostnames')],
  GatewayClass: [
    column('Controller', '.spec.controllerName'),
    column('Accepted', '.status.conditions[?(@.type=="Accepted")].status'),
  ],
};
const gatewayColumns = [
  column('Class', '.spec.gatewayClassName'),
  column('Address', '.status.addresses[*].value'),
  column('Programmed', '.status.conditions[?(@.type=="Programmed")].status'),
];

const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** CRDs of Istio's kinds with schemas that take everything: what a document means is checked by the platform. */
export const istioDefinitions = (version: string): KubeObject[] =>
  knownKinds
    .filter(({ group }) => group !== gatewayApiGroup)
    .map((known) => definition(known, version, {}));

/** The same for Gateway API. */
export const gatewayApiDefinitions = (version: string): KubeObject[] =>
  knownKinds
    .filter(({ group }) => group === gatewayApiGroup)
    .map((known) =>
      definition(known, version, {
        'gateway.networking.k8s.io/bundle-version': gatewayApiVersion,
        'gateway.networking.k8s.io/channel': 'standard',
      }),
    );

function definition(
  known: KnownKind,
  release: string,
  annotations: Record<string, string>,
): KubeObject {
  const { group, kind, plural, namespaced, versions } = known;
  const own = group === gatewayApiGroup && kind === 'Gateway' ? gatewayColumns : columns[kind];
  const made = maker(release).ofCluster(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    `${plural}.${group}`,
    {
      spec: {
        group,
        names: definitionNames(known),
        scope: namespaced ? 'Namespaced' : 'Cluster',
        versions: versions.map((name, index) => ({
          name,
          served: true,
          storage: index === 0,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: open, status: open } } },
          subresources: { status: {} },
          additionalPrinterColumns: [...(own ?? []), age],
        })),
      },
    },
  );
  return Object.keys(annotations).length === 0
    ? made
    : { ...made, metadata: { ...made.metadata, annotations } };
}
