'use client';

import { Waypoints } from 'lucide-react';
import Link from 'next/link';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { trafficShort } from '@/features/topology/model/words.ts';
import { listWords, msText, rateText, shareText } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Empty, Note } from '@/ui/states.tsx';
import { Status, Tag } from '@/ui/status.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import type { Column } from '@/ui/table/types.ts';
import { healthStatus } from './health.ts';

type Service = Outputs['service']['list']['items'][number];

const rank = { failure: 0, degraded: 1, notReady: 2, healthy: 3, none: 4 };

/** Every service of the mesh with how it is and what it is asked now. */
export function ServicesPage() {
  const mesh = useMesh();
  const client = useTRPCClient();
  const list = useAll(
    ['service', 'list'],
    { meshId: mesh.id },
    (page) => client.service.list.query(page),
    { refetchInterval: 15_000 },
  );
  const first = list.data?.first;
  const problems = (first?.sources ?? []).filter(({ state }) => state === 'failed');
  return (
    <div className="flex flex-col gap-4">
      {first && first.sources.length === 0 ? (
        <Note
          tone="warn"
          title="Nobody tells of traffic in this mesh"
          action={
            <ButtonLink size="sm" href={paths.integrations()}>
              Integrations
            </ButtonLink>
          }
        >
          Services are listed as the clusters have them, without figures. Connect a Prometheus, or
          let the agents scrape the proxies (settings of the mesh, Telemetry).
        </Note>
      ) : problems.length > 0 ? (
        <Note
          tone="warn"
          title={`${listWords(
            problems.map(({ name }) => name),
            'and',
          )} does not answer`}
        >
          {problems.flatMap((source) => source.problems).join(' ') || 'Figures are missing or old.'}
        </Note>
      ) : null}
      <Listing
        list={list}
        name="services"
        label="Services"
        noun={['service', 'services']}
        columns={columnsOf(mesh.id)}
        rowKey={(row) => `${row.namespace}/${row.name}`}
        href={(row) => paths.service(mesh.id, row.namespace, row.name)}
        defaultSort="health"
        toolbar={<CopyAs size="sm" verb="service.list" input={{ meshId: mesh.id }} />}
        empty={
          <Empty
            icon={<Waypoints size={18} aria-hidden="true" />}
            title="No service is known yet"
            action={<ButtonLink href={paths.meshEnrolment(mesh.id)}>Enrol namespaces</ButtonLink>}
          >
            Services of the clusters are listed as soon as an agent has reported them.
          </Empty>
        }
      />
    </div>
  );
}

function columnsOf(meshId: string): Column<Service>[] {
  return [
    {
      id: 'name',
      header: 'Service',
      wrap: true,
      value: (row) => `${row.namespace}/${row.name}`,
      cell: (row) => (
        <Link
          href={paths.service(meshId, row.namespace, row.name)}
          className="block min-w-0 break-words hover:underline"
        >
          <span className="text-ink-3">{row.namespace}/</span>
          <span className="font-medium">{row.name}</span>
          {row.external ? (
            <>
              {' '}
              <Tag>external</Tag>
            </>
          ) : null}
        </Link>
      ),
    },
    {
      id: 'health',
      header: 'Health',
      width: '112px',
      value: (row) => rank[row.health],
      cell: (row) => <Status status={healthStatus(row.health)} quiet />,
    },
    {
      id: 'rate',
      header: 'Requests',
      width: '104px',
      align: 'right',
      value: (row) => (row.traffic === 'active' ? row.rate : null),
      cell: (row) => (
        <span className="tnum">
          {row.traffic === 'active' ? rateText(row.rate) : trafficShort[row.traffic]}
        </span>
      ),
    },
    {
      id: 'errors',
      header: 'Errors',
      width: '92px',
      align: 'right',
      hideBelow: 'sm',
      value: (row) => row.errorShare,
      cell: (row) => (
        <span className="tnum">{row.errorShare === null ? '–' : shareText(row.errorShare)}</span>
      ),
    },
    {
      id: 'p95',
      header: 'p95',
      width: '92px',
      align: 'right',
      hideBelow: 'sm',
      value: (row) => row.p95Ms,
      cell: (row) => <span className="tnum">{row.p95Ms === null ? '–' : msText(row.p95Ms)}</span>,
    },
    {
      id: 'mtls',
      header: 'Mutual TLS',
      width: '104px',
      align: 'right',
      hideBelow: 'lg',
      value: (row) => row.mutualTlsShare,
      cell: (row) => (
        <span className="tnum">
          {row.mutualTlsShare === null ? 'not known' : shareText(row.mutualTlsShare)}
        </span>
      ),
    },
    {
      id: 'clusters',
      header: 'Clusters',
      hideBelow: 'lg',
      width: '140px',
      value: (row) => row.clusters.join(', '),
    },
    {
      id: 'workloads',
      header: 'Workloads',
      extra: true,
      value: (row) => row.workloads.join(', '),
    },
  ];
}
