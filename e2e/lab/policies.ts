/** Policies of the journeys for the sample application's service `echo`. */
const subsets = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: echo, namespace: shop }
spec:
  host: echo
  subsets:
    - { name: v1, labels: { version: v1 } }
    - { name: v2, labels: { version: v2 } }
`;

/** Of 100 requests, so many go to v1 and the rest to v2. */
export const split = (v1: number): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: echo, namespace: shop }
spec:
  hosts: [echo]
  http:
    - route:
        - { destination: { host: echo, subset: v1 }, weight: ${v1} }
        - { destination: { host: echo, subset: v2 }, weight: ${100 - v1} }
`;

export const splitWithSubsets = (v1: number): string => `${subsets}---\n${split(v1)}`;

export { subsets };

/** Every request is answered 503 by the caller's own proxy. */
export const refuseAll = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: echo, namespace: shop }
spec:
  hosts: [echo]
  http:
    - fault: { abort: { httpStatus: 503, percentage: { value: 100 } } }
      route:
        - { destination: { host: echo } }
`;
