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
  href: string;
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
  path: 'Pairs and paths',
  guard: 'Guard',
  objectives: 'Objectives',
  services: 'Services',
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
  }>();
  const { code, meshId, clusterId, operationId, policyId, findingId, objectId } = ids;
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
  const names: Record<string, string | undefined> = {
    ...(meshId ? { [meshId]: mesh.data?.name } : {}),
    ...(clusterId ? { [clusterId]: cluster.data?.name } : {}),
    ...(operationId ? { [operationId]: operation.data && operationName(operation.data) } : {}),
    ...(policyId ? { [policyId]: policy.data?.name } : {}),
    ...(code ? { [code]: code } : {}),
    ...(findingId ? { [findingId]: finding.data?.code } : {}),
    ...(objectId ? { [objectId]: object.data?.name } : {}),
  };
  const failed = [mesh, cluster, operation, policy, finding, object].some((each) => each.isError);
  const segments = path.split('/').filter(Boolean);
  if (segments.length === 0) return [{ label: 'Home', href: paths.home() }];
  return segments.flatMap((segment, i) => {
    // Direct objects are shown among the policies; they have no page of their own above them.
    if (objectId && segment === 'direct') return [];
    return [
      {
        label: words[segment] ?? names[segment] ?? (failed ? 'Not found' : '…'),
        href: `/${segments.slice(0, i + 1).join('/')}`,
      },
    ];
  });
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
            <Fragment key={crumb.href}>
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
