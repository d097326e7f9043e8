/**
 * What the agent may do, each rule with its reason; the reasons stand as comments in the manifest. Istio's own
 * release decides most of it. See https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
 */
export interface Right {
  reason: string;
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

const read = ['get', 'list', 'watch'];
const own = [...read, 'create', 'update', 'patch', 'delete'];

/** Roles of Istio's release, by name: the only ones whose rules the agent may write and bind. */
const istioRoles = [
  'istiod-clusterrole-istio-system',
  'istiod-gateway-controller-istio-system',
  'istio-reader-clusterrole-istio-system',
  'istio-cni',
  'istio-cni-ambient',
  'istio-cni-repair-role',
  'ztunnel',
];

export const clusterRights: Right[] = [
  {
    reason:
      'Inventory: which namespaces and workloads there are, which pods carry a proxy, which nodes and versions.',
    apiGroups: ['', 'apps', 'batch'],
    resources: ['namespaces', 'nodes', 'pods', 'replicasets', 'statefulsets', 'jobs'],
    verbs: read,
  },
  {
    reason:
      "Namespaces: Istio's own is made when it is missing; enrolment sets a label on those you choose.",
    apiGroups: [''],
    resources: ['namespaces'],
    verbs: ['create', 'patch'],
  },
  {
    reason:
      'Of all namespaces only istio-system can be deleted, and only if the agent made it and it is empty.',
    apiGroups: [''],
    resources: ['namespaces'],
    resourceNames: ['istio-system'],
    verbs: ['delete'],
  },
  {
    reason:
      "The plain objects of Istio's release (Secrets are not among them), and which ServiceAccounts there are.",
    apiGroups: [''],
    resources: ['configmaps', 'serviceaccounts', 'services', 'resourcequotas'],
    verbs: own,
  },
  {
    reason:
      'istiod, istio-cni and ztunnel themselves; patching also restarts workloads whose proxies are to change.',
    apiGroups: ['apps'],
    resources: ['deployments', 'daemonsets'],
    verbs: own,
  },
  {
    reason: 'Scaling of waypoints whose pool is scaled by the agent.',
    apiGroups: ['apps'],
    resources: ['deployments/scale'],
    verbs: ['get', 'patch'],
  },
  {
    reason:
      'Repair of a pod that looks enrolled and is not: it is evicted, so that disruption budgets hold.',
    apiGroups: [''],
    resources: ['pods/eviction'],
    verbs: ['create'],
  },
  {
    reason: 'Restart of workloads whose proxies are to change.',
    apiGroups: ['apps'],
    resources: ['statefulsets'],
    verbs: ['patch'],
  },
  {
    reason:
      'Autoscaling, disruption budgets and network policies of the control plane; which budgets waypoints have.',
    apiGroups: ['autoscaling', 'policy', 'networking.k8s.io'],
    resources: ['horizontalpodautoscalers', 'poddisruptionbudgets', 'networkpolicies'],
    verbs: own,
  },
  {
    reason: 'istiod makes its own CA in this Secret; it is removed with the mesh. Only this name.',
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: ['istio-ca-secret'],
    verbs: ['delete'],
  },
  {
    reason:
      "When the mesh's CA ends, and who issued it, so that you hear of it in time: the certificates of these two names. " +
      'The keys beside them never leave the cluster. Without this right the root in ConfigMap istio-ca-root-cert is told.',
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: ['cacerts', 'istio-ca-secret'],
    verbs: read,
  },
  {
    reason: "istiod's leader election; removed with the mesh.",
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    verbs: ['get', 'list', 'delete'],
  },
  {
    reason: 'Kinds of Istio and of the Gateway API.',
    apiGroups: ['apiextensions.k8s.io'],
    resources: ['customresourcedefinitions'],
    verbs: own,
  },
  {
    reason:
      "Istio's injection and validation webhooks, the Gateway API's guard against downgrades, and the agent's own webhook.",
    apiGroups: ['admissionregistration.k8s.io'],
    resources: [
      'mutatingwebhookconfigurations',
      'validatingwebhookconfigurations',
      'validatingadmissionpolicies',
      'validatingadmissionpolicybindings',
    ],
    verbs: own,
  },
  {
    reason: 'Policies of the mesh.',
    apiGroups: [
      'networking.istio.io',
      'security.istio.io',
      'telemetry.istio.io',
      'extensions.istio.io',
      'gateway.networking.k8s.io',
    ],
    resources: ['*'],
    verbs: own,
  },
  {
    reason: 'Roles and bindings of Istio.',
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'],
    verbs: own,
  },
  {
    reason:
      "The widest right: Kubernetes lets nobody grant what he does not hold. istiod's roles hold more than this agent " +
      '(Secrets of gateways, token reviews, signing), so it may write and bind the rules of these names, and of no other. ' +
      'Whoever controls the agent could misuse them: treat it like a cluster administrator.',
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['clusterroles'],
    resourceNames: istioRoles,
    verbs: ['escalate', 'bind'],
  },
  {
    reason: "The same for istiod's Role in its own namespace.",
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['roles'],
    resourceNames: [
      'istiod',
      'istiod-istio-system',
      'istio-ingressgateway-sds',
      'istio-egressgateway-sds',
    ],
    verbs: ['escalate', 'bind'],
  },
];

/**
 * A role of its own, so that a cluster's owner can take it away: policies are delivered without it, and what they name
 * is told as Forbidden.
 */
export const secretRights: Right[] = [
  {
    reason:
      "Secrets that the mesh's policies name (certificates of gateways, pull secrets), when they are kept in Ambit; and " +
      'the public certificates of Secrets of type kubernetes.io/tls and of those that Gateways name, so that you hear of ' +
      'one before it expires. Their keys never leave the cluster. The agent reads no others, but Kubernetes cannot say ' +
      'so. If you want neither, delete this role and its binding.',
    apiGroups: [''],
    resources: ['secrets'],
    verbs: own,
  },
];

/** A role of its own too: without it proxies are told of by what the API server says, and by their metrics. */
export const proxyRights: Right[] = [
  {
    reason:
      'Logs of proxies and of the control plane, when somebody looks at them in Ambit; access logs of proxies without ' +
      "Istio's metrics all the time: the agent counts their requests, and keeps no line. Of these pods' other containers, " +
      'and of other pods, it reads none.',
    apiGroups: [''],
    resources: ['pods/log'],
    verbs: ['get'],
  },
  {
    reason:
      "What configuration proxies run with, and whether they are in sync with istiod: Envoy's, ztunnel's and istiod's own " +
      'interfaces for that listen inside of their pods alone. The agent forwards to no other ports, but Kubernetes ' +
      'cannot say so. If you do not want it, delete this role and its binding.',
    apiGroups: [''],
    resources: ['pods/portforward'],
    verbs: ['get', 'create'],
  },
  {
    reason: 'Events of services, workloads and pods, shown beside them.',
    apiGroups: [''],
    resources: ['events'],
    verbs: ['get', 'list'],
  },
];

/** In the agent's own namespace. */
export const ownRights: Right[] = [
  {
    reason: "The agent's key and credential.",
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: ['ambit-agent'],
    verbs: ['get', 'update', 'patch'],
  },
  {
    reason: 'Kubernetes cannot limit the making of a Secret to a name.',
    apiGroups: [''],
    resources: ['secrets'],
    verbs: ['create'],
  },
  {
    reason: 'One of several copies leads; the others stand by.',
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    verbs: ['get', 'create', 'update'],
  },
];
