/** Every address of the console. Links and redirects are made here only; a snapshot test holds them. */
export const paths = {
  home: () => '/',
  signIn: (next?: string) =>
    next && next !== '/' ? `/sign-in?next=${encodeURIComponent(next)}` : '/sign-in',
  accept: (token: string) => `/accept/${encodeURIComponent(token)}`,
  meshes: () => '/meshes',
  meshCreate: () => '/meshes/new',
  mesh: (id: string) => `/meshes/${id}`,
  meshOperations: (id: string) => `/meshes/${id}/operations`,
  meshWorkloads: (id: string) => `/meshes/${id}/workloads`,
  topology: () => '/topology',
  meshTopology: (id: string) => `/meshes/${id}/topology`,
  meshEnrolment: (id: string) => `/meshes/${id}/enrolment`,
  meshPath: (id: string) => `/meshes/${id}/enrolment/path`,
  meshAmbientNodes: (id: string) => `/meshes/${id}/enrolment/nodes`,
  meshL4: (id: string) => `/meshes/${id}/enrolment/l4`,
  meshGuard: (id: string) => `/meshes/${id}/enrolment/guard`,
  meshWaypoints: (id: string) => `/meshes/${id}/waypoints`,
  waypointCreate: (id: string) => `/meshes/${id}/waypoints?create=1`,
  meshWaypointPools: (id: string, editedId?: string) =>
    `/meshes/${id}/waypoints/pools${editedId ? `?edit=${editedId}` : ''}`,
  waypoint: (id: string, clusterId: string, namespace: string, name: string) =>
    `/meshes/${id}/waypoints/${clusterId}/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`,
  meshPolicies: (id: string) => `/meshes/${id}/policies`,
  policyCreate: (id: string) => `/meshes/${id}/policies/new`,
  policy: (id: string, policyId: string) => `/meshes/${id}/policies/${policyId}`,
  policyLine: (id: string, policyId: string, line: number) =>
    `/meshes/${id}/policies/${policyId}?line=${line}`,
  policyHistory: (id: string, policyId: string) => `/meshes/${id}/policies/${policyId}/history`,
  directObject: (id: string, objectId: string) => `/meshes/${id}/policies/direct/${objectId}`,
  meshFindings: (id: string) => `/meshes/${id}/findings`,
  finding: (id: string, findingId: string) => `/meshes/${id}/findings/${findingId}`,
  service: (id: string, namespace: string, name: string) =>
    `/meshes/${id}/services/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`,
  workload: (id: string, namespace: string, name: string) =>
    `/meshes/${id}/workloads/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`,
  meshServices: (id: string) => `/meshes/${id}/services`,
  meshTraces: (id: string, service?: string) =>
    service
      ? `/meshes/${id}/traces?service=${encodeURIComponent(service)}`
      : `/meshes/${id}/traces`,
  trace: (id: string, traceId: string) => `/meshes/${id}/traces/${encodeURIComponent(traceId)}`,
  meshProxies: (id: string) => `/meshes/${id}/proxies`,
  proxy: (id: string, clusterId: string, namespace: string, pod: string) =>
    `/meshes/${id}/proxies/${clusterId}/${encodeURIComponent(namespace)}/${encodeURIComponent(pod)}`,
  objectives: () => '/objectives',
  objective: (id: string, objectiveId: string) => `/meshes/${id}/objectives/${objectiveId}`,
  meshSettings: (id: string) => `/meshes/${id}/settings`,
  clusters: () => '/clusters',
  clusterJoin: () => '/clusters?join=1',
  cluster: (id: string) => `/clusters/${id}`,
  findings: (filter: { severity?: string; code?: string } = {}) => {
    const query = new URLSearchParams(
      Object.entries(filter).filter((entry): entry is [string, string] => Boolean(entry[1])),
    ).toString();
    return query ? `/findings?${query}` : '/findings';
  },
  rules: () => '/rules',
  rule: (code: string) => `/rules/${code}`,
  alerts: () => '/alerts',
  alert: (id: string) => `/alerts/${id}`,
  alertRules: () => '/alerts/rules',
  alertRoutes: () => '/alerts/routes',
  alertSilences: () => '/alerts/silences',
  alertDeliveries: (route?: string) =>
    route ? `/alerts/deliveries?route=${route}` : '/alerts/deliveries',
  operations: () => '/operations',
  operation: (id: string) => `/operations/${id}`,
  releases: () => '/releases',
  projects: () => '/projects',
  members: () => '/members',
  tokens: () => '/tokens',
  audit: (filter: { target?: string; actor?: string; action?: string } = {}) => {
    const query = new URLSearchParams(
      Object.entries(filter).filter((entry): entry is [string, string] => Boolean(entry[1])),
    ).toString();
    return query ? `/audit?${query}` : '/audit';
  },
  integrations: () => '/integrations',
  settings: () => '/settings',
} as const;

/**
 * Where a person may be sent after signing in: a path of this console, never another origin.
 * @returns `next` when it is safe, else the start page
 */
export function safeNext(next: string | null): string {
  if (!next || !next.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/';
  return next.startsWith('/sign-in') ? '/' : next;
}

const byPrefix: Record<string, (id: string) => string> = {
  msh: paths.mesh,
  cls: paths.cluster,
  opr: paths.operation,
};

/** Page of a resource by the prefix of its id; null when it has none. */
export function pathOfId(id: string): string | null {
  return byPrefix[id.slice(0, 3)]?.(id) ?? null;
}
