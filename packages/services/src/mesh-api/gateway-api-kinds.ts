import { definitionNames, knownKinds } from '@ambit/istio/kinds';
import { builtInCrds } from '@ambit/istio/validation/crd/built-in';
import type { JsonObject } from '@ambit/kube-api/types';

const group = 'gateway.networking.k8s.io';
const column = (name: string, jsonPath: string, type = 'string') => ({ name, jsonPath, type });
const age = column('Age', '.metadata.creationTimestamp', 'date');
const columns: Record<string, object[]> = {
  Gateway: [
    column('Class', '.spec.gatewayClassName'),
    column('Address', '.status.addresses[*].value'),
    column('Programmed', '.status.conditions[?(@.type=="Programmed")].status'),
  ],
  HTTPRoute: [column('Hostnames', '.spec.hostnames')],
  GatewayClass: [
    column('Controller', '.spec.controllerName'),
    column('Accepted', '.status.conditions[?(@.type=="Accepted")].status'),
  ],
};

/**
 * Definitions of Gateway API for a mesh whose clusters keep their own: its release brings none, and policies of these
 * kinds are written all the same. Each cluster takes them in the version it has.
 */
export const gatewayApiKinds = (): JsonObject[] =>
  knownKinds
    .filter((known) => known.group === group)
    .flatMap((known) => {
      const { kind, plural, namespaced, versions } = known;
      const schemas = new Map(
        builtInCrds
          .filter((crd) => crd.group === group && crd.kind === kind)
          .flatMap((crd) => crd.versions.map((version) => [version, crd.schema] as const)),
      );
      const served = versions.filter((version) => schemas.has(version));
      if (served.length === 0) return [];
      return [
        {
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          metadata: { name: `${plural}.${group}` },
          spec: {
            group,
            scope: namespaced ? 'Namespaced' : 'Cluster',
            names: definitionNames(known),
            versions: served.map((name, index) => ({
              name,
              served: true,
              storage: index === 0,
              schema: { openAPIV3Schema: schemas.get(name) },
              subresources: { status: {} },
              additionalPrinterColumns: [...(columns[kind] ?? []), age],
            })),
          },
        } as unknown as JsonObject,
      ];
    });

export const isGatewayApi = (definition: JsonObject): boolean =>
  (definition.spec as JsonObject | undefined)?.group === group;
