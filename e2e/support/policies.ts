/** Policies of the journeys for a Service in namespace `shop` that has the versions v1 and v2. */
export function policiesFor(service: string) {
  const subsets = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${service}, namespace: shop }
spec:
  host: ${service}
  subsets:
    - { name: v1, labels: { version: v1 } }
    - { name: v2, labels: { version: v2 } }
`;

  /** Of 100 requests, so many go to v1 and the rest to v2. */
  const split = (v1: number): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${service}, namespace: shop }
spec:
  hosts: [${service}]
  http:
    - route:
        - { destination: { host: ${service}, subset: v1 }, weight: ${v1} }
        - { destination: { host: ${service}, subset: v2 }, weight: ${100 - v1} }
`;

  /** Every request is answered 503 by the caller's own proxy. */
  const refuseAll = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${service}, namespace: shop }
spec:
  hosts: [${service}]
  http:
    - fault: { abort: { httpStatus: 503, percentage: { value: 100 } } }
      route:
        - { destination: { host: ${service} } }
`;

  return { subsets, split, refuseAll };
}
