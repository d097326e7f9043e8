'use client';

import { skipToken, useQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { useParams, usePathname } from 'next/navigation';
import { Fragment, useEffect } from 'react';
import { operationName } from '@/features/operations/progress.ts';
import { paths } from '@/lib/paths.ts';
import { useTRPC } from '@/lib/trpc.tsx';

interface Crumb {
  label: string;
  /** Null for what has no page of its own. */
  href: string | null;
}

const words: Record<string, string> = {
  meshes: 'Meshes',
  clusters: 'Clusters',
  operations: 'Operations',
  releases: 'Releases',
  projects: 'Projects',
  members: 'Members',
  tokens: 'Tokens',
  audit: 'Audit',
  settings: 'Settings',
  integrations: 'Integrations',
  workloads: 'Workloads',
  policies: 'Policies',
  topology: 'Topology',
  enrolment: 'Enrolment',
  waypoints: 'Waypoints',
  pools: 'Pools',
  path: 'Pairs and paths',
  guard: 'Guard',
  l4: 'L4 by namespace',
  nodes: 'Nodes',
  objectives: 'Objectives',
  services: 'Services',
  traces: 'Traces',
  proxies: 'Proxies',
  new: 'New',
  history: 'History',
  findings: 'Findings',
  alerts: 'Alerts',
  rules: 'Rules',
  routes: 'Routes',
  silences: 'Silences',
  deliveries: 'Delivery log',
};

function useCrumbs(): Crumb[] {
  const path = usePathname();
  const trpc = useTRPC();
  const ids = useParams<{
    meshId?: string;
    clusterId?: string;
    operationId?: string;
    policyId?: string;
    findingId?: string;
    code?: string;
    objectId?: string;
    alertId?: string;
    objectiveId?: string;
    namespace?: string;
    traceId?: string;
  }>();
  const { code, meshId, clusterId, operationId, policyId, findingId, objectId } = ids;
  const { alertId, objectiveId, namespace, traceId } = ids;
  const mesh = useQuery(trpc.mesh.get.queryOptions(meshId ? { meshId } : skipToken));
  const cluster = useQuery(trpc.cluster.get.queryOptions(clusterId ? { clusterId } : skipToken));
  const operation = useQuery(
    trpc.operation.get.queryOptions(operationId ? { operationId } : skipToken),
  );
  const policy = useQuery(
    trpc.policy.get.queryOptions(meshId && policyId ? { meshId, policyId } : skipToken),
  );
  const finding = useQuery(trpc.finding.get.queryOptions(findingId ? { findingId } : skipToken));
  const object = useQuery(
    trpc.direct.get.queryOptions(meshId && objectId ? { meshId, objectId } : skipToken),
  );
  const alert = useQuery(trpc.alert.get.queryOptions(alertId ? { alertId } : skipToken));
  const objective = useQuery(
    trpc.objective.status.queryOptions(objectiveId ? { objectiveId } : skipToken),
  );
  const names: Record<string, string | undefined> = {
    ...(meshId ? { [meshId]: mesh.data?.name } : {}),
    ...(clusterId ? { [clusterId]: cluster.data?.name } : {}),
    ...(operationId ? { [operationId]: operation.data && operationName(operation.data) } : {}),
    ...(policyId ? { [policyId]: policy.data?.name } : {}),
    ...(code ? { [code]: code } : {}),
    ...(traceId ? { [traceId]: `Trace ${traceId.slice(0, 8)}` } : {}),
    ...(findingId ? { [findingId]: finding.data?.code } : {}),
    ...(objectId ? { [objectId]: object.data?.name } : {}),
    ...(alertId ? { [alertId]: alert.data?.summary } : {}),
    ...(objectiveId ? { [objectiveId]: objective.data?.objective.name } : {}),
  };
  const failed = [mesh, cluster, operation, policy, finding, object, alert, objective].some(
    (each) => each.isError,
  );
  const segments = path.split('/').filter(Boolean);
  if (segments.length === 0) return [{ label: 'Home', href: paths.home() }];
  // An address that ends in a namespace and a name is of one thing.
  const subject = namespace ? segments.slice(-2).map(decodeURIComponent).join('/') : null;
  const above = subject === null ? segments : segments.slice(0, -2);
  const crumbs = above.flatMap((segment, i): Crumb[] => {
    // Direct objects are shown among the policies; they have no page of their own above them.
    if (objectId && segment === 'direct') return [];
    return [
      {
        label: words[segment] ?? names[segment] ?? (failed ? 'Not found' : '…'),
        href: pageOf(segments, i),
      },
    ];
  });
  return subject === null ? crumbs : [...crumbs, { label: subject, href: path }];
}

/** The page of the first segments of an address; some have theirs elsewhere, some none. */
function pageOf(segments: string[], i: number): string | null {
  const segment = segments[i]!;
  if (i === 2 && segment === 'objectives') return paths.objectives();
  if (i === 2 && segment === 'proxies') return null;
  const isOfCluster = segments[2] === 'proxies' || segments[2] === 'waypoints';
  if (i === 3 && isOfCluster && segment !== 'pools') return paths.cluster(segment);
  return `/${segments.slice(0, i + 1).join('/')}`;
}

/** Where one is; also names the browser's tab. */
export function Breadcrumb() {
  const crumbs = useCrumbs();
  const title = crumbs
    .toReversed()
    .map((crumb) => crumb.label)
    .join(' · ');
  useEffect(() => {
    document.title = `${title} · Ambit`;
  }, [title]);
  return (
    <nav aria-label="Breadcrumb" className="min-w-0 grow">
      <ol className="flex min-w-0 items-center gap-1 text-sm">
        {crumbs.map((crumb, i) => {
          const last = i === crumbs.length - 1;
          return (
            <Fragment key={crumb.href ?? crumb.label}>
              {i > 0 ? (
                <li aria-hidden="true" className="text-ink-3 max-sm:hidden">
                  <ChevronRight size={13} />
                </li>
              ) : null}
              <li className={last ? 'min-w-0 truncate' : 'max-w-48 truncate max-sm:hidden'}>
                {last ? (
                  <span aria-current="page" className="font-medium">
                    {crumb.label}
                  </span>
                ) : crumb.href === null ? (
                  <span className="text-ink-2">{crumb.label}</span>
                ) : (
                  <Link href={crumb.href} className="text-ink-2 hover:text-ink">
                    {crumb.label}
                  </Link>
                )}
              </li>
            </Fragment>
          );
        })}
      </ol>
    </nav>
  );
}
