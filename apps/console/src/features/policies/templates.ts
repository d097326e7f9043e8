/** Documents to start from; each is valid as it stands and says what to change. */
export const templates: { id: string; label: string; yaml: string }[] = [
  { id: 'empty', label: 'An empty document', yaml: '' },
  {
    id: 'split',
    label: 'Split traffic between two versions',
    yaml: `# Sends 90 % of requests to v1 and 10 % to v2 of a service.
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: reviews
  namespace: default
spec:
  host: reviews.default.svc.cluster.local
  subsets:
    - name: v1
      labels:
        version: v1
    - name: v2
      labels:
        version: v2
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
  namespace: default
spec:
  hosts:
    - reviews.default.svc.cluster.local
  http:
    - route:
        - destination:
            host: reviews.default.svc.cluster.local
            subset: v1
          weight: 90
        - destination:
            host: reviews.default.svc.cluster.local
            subset: v2
          weight: 10
`,
  },
  {
    id: 'fault',
    label: 'Inject a fault',
    yaml: `# Answers every tenth request with 503, to see how callers take it.
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ratings-fault
  namespace: default
spec:
  hosts:
    - ratings.default.svc.cluster.local
  http:
    - fault:
        abort:
          httpStatus: 503
          percentage:
            value: 10
      route:
        - destination:
            host: ratings.default.svc.cluster.local
`,
  },
  {
    id: 'timeout',
    label: 'Timeout and retries',
    yaml: `# Gives a call 2 seconds, and tries it again twice.
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: details
  namespace: default
spec:
  hosts:
    - details.default.svc.cluster.local
  http:
    - timeout: 2s
      retries:
        attempts: 2
        perTryTimeout: 800ms
        retryOn: 5xx,reset,connect-failure
      route:
        - destination:
            host: details.default.svc.cluster.local
`,
  },
  {
    id: 'mtls',
    label: 'Require mutual TLS in a namespace',
    yaml: `# Workloads of this namespace refuse plain text.
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: default
spec:
  mtls:
    mode: STRICT
`,
  },
  {
    id: 'authz',
    label: 'Allow callers by identity',
    yaml: `# Only the service account "frontend" may call the workloads with this label.
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: backend-callers
  namespace: default
spec:
  selector:
    matchLabels:
      app: backend
  action: ALLOW
  rules:
    - from:
        - source:
            principals:
              - cluster.local/ns/default/sa/frontend
`,
  },
  {
    id: 'httproute',
    label: 'Route with the Gateway API',
    yaml: `# Splits requests to a service by weight, without a DestinationRule.
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: reviews
  namespace: default
spec:
  parentRefs:
    - group: ""
      kind: Service
      name: reviews
      port: 9080
  rules:
    - backendRefs:
        - name: reviews-v1
          port: 9080
          weight: 90
        - name: reviews-v2
          port: 9080
          weight: 10
`,
  },
  {
    id: 'external',
    label: 'Name an external service',
    yaml: `# Makes an address outside the mesh known, so that it can be called and measured.
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: payments-api
  namespace: default
spec:
  hosts:
    - api.payments.example.com
  ports:
    - number: 443
      name: tls
      protocol: TLS
  resolution: DNS
  location: MESH_EXTERNAL
`,
  },
];
