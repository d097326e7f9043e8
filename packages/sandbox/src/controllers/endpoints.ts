import { isDeepStrictEqual } from 'node:util';
import type { View } from '../client/cache.ts';
import { itself, keyOf, splitKey, type Controller, type Decision } from '../client/controller.ts';
import type { Action } from '../client/actions.ts';
import type { NewObject, Pod, Service, ServicePort } from '../objects.ts';
import { isReady, patch, remove } from './common.ts';
import { matchesMap } from './selectors.ts';

const serviceLabel = 'kubernetes.io/service-name';

/** Writes the addresses behind a Service: Endpoints and one EndpointSlice. */
export const endpointsController: Controller = {
  name: 'endpoints',
  manager: 'endpoint-controller',
  triggers: {
    services: itself,
    pods: (pod, view) => selectedBy(pod, view).map(keyOf),
    'endpointslices.discovery.k8s.io': ({ metadata }) =>
      metadata.labels?.[serviceLabel] === undefined
        ? []
        : [`${metadata.namespace ?? ''}/${metadata.labels[serviceLabel]}`],
  },
  decide: (key, view) => decideEndpoints(key, view),
};

export const selects = ({ spec }: Service, pod: Pod): boolean =>
  spec.selector !== undefined &&
  Object.keys(spec.selector).length > 0 &&
  matchesMap(spec.selector, pod.metadata.labels);

export const selectedBy = (pod: Pod, view: View): Service[] =>
  view.list('services', pod.metadata.namespace).filter((service) => selects(service, pod));

/** Pods of a Service that run and have an address. */
export const podsBehind = (service: Service, view: View): Pod[] =>
  view
    .list('pods', service.metadata.namespace)
    .filter(
      (pod) =>
        selects(service, pod) && pod.status?.podIP !== undefined && pod.status.phase === 'Running',
    );

export function decideEndpoints(key: string, view: View): Decision {
  const [namespace, name] = splitKey(key);
  const service = view.get('services', namespace, name);
  const slice = view.get('endpointslices.discovery.k8s.io', namespace, `${name}-simulated`);
  const endpoints = view.get('endpoints', namespace, name);
  if (service === undefined || service.metadata.deletionTimestamp || !service.spec.selector) {
    const stale = service === undefined ? [slice, endpoints] : [];
    return {
      actions: stale
        .filter((object) => object !== undefined && !object.metadata.deletionTimestamp)
        .map((object) => remove(object!)),
    };
  }
  const pods = podsBehind(service, view);
  return {
    actions: [
      ...write(slice, sliceOf(service, pods), ['endpoints', 'ports']),
      ...write(endpoints, endpointsOf(service, pods), ['subsets']),
    ],
  };
}

function write(live: object | undefined, wanted: NewObject, fields: string[]): Action[] {
  if (live === undefined) return [{ do: 'create', object: wanted }];
  const present = live as Record<string, unknown>;
  if (fields.every((field) => isDeepStrictEqual(present[field] ?? [], wanted[field] ?? [])))
    return [];
  const change = Object.fromEntries(fields.map((field) => [field, wanted[field]]));
  return [patch(live as Pod, change)];
}

export function portNumber({ targetPort, port }: ServicePort, pod: Pod | undefined): number {
  if (typeof targetPort === 'number') return targetPort;
  if (targetPort === undefined) return port;
  const ports = pod?.spec.containers.flatMap((container) => container.ports ?? []) ?? [];
  return ports.find(({ name }) => name === targetPort)?.containerPort ?? port;
}

const owner = ({ metadata: { name, uid } }: Service) => ({
  apiVersion: 'v1',
  kind: 'Service',
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});

const targetRef = ({ metadata: { name, namespace, uid } }: Pod) => ({
  kind: 'Pod',
  name,
  namespace,
  uid,
});

function sliceOf(service: Service, pods: Pod[]): NewObject {
  const { name, namespace } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-simulated`,
      namespace: namespace!,
      labels: {
        [serviceLabel]: name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
      ownerReferences: [owner(service)],
    },
    addressType: 'IPv4',
    endpoints: pods.map((pod) => {
      const isLeaving = pod.metadata.deletionTimestamp !== undefined;
      return {
        addresses: [pod.status!.podIP!],
        conditions: {
          ready: isReady(pod) && !isLeaving,
          serving: isReady(pod),
          terminating: isLeaving,
        },
        nodeName: pod.spec.nodeName!,
        targetRef: targetRef(pod),
      };
    }),
    ports: (service.spec.ports ?? []).map((port) => ({
      name: port.name ?? '',
      port: portNumber(port, pods[0]),
      protocol: port.protocol ?? 'TCP',
      ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    })),
  };
}

function endpointsOf(service: Service, pods: Pod[]): NewObject {
  const { name, namespace } = service.metadata;
  const living = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const address = (pod: Pod) => ({
    ip: pod.status!.podIP!,
    nodeName: pod.spec.nodeName!,
    targetRef: targetRef(pod),
  });
  const ready = living.filter(isReady).map(address);
  const notReady = living.filter((pod) => !isReady(pod)).map(address);
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name, namespace: namespace!, ownerReferences: [owner(service)] },
    subsets:
      living.length === 0
        ? []
        : [
            {
              ...(ready.length > 0 ? { addresses: ready } : {}),
              ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
              ports: (service.spec.ports ?? []).map((port) => ({
                ...(port.name === undefined ? {} : { name: port.name }),
                port: portNumber(port, living[0]),
                protocol: port.protocol ?? 'TCP',
              })),
            },
          ],
  };
}
