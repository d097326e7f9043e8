'use client';

import { Radio } from 'lucide-react';
import Link from 'next/link';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { count } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Empty, Note } from '@/ui/states.tsx';
import { Status, Tag } from '@/ui/status.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';
import { proxyStatus, proxyTrouble } from './words.ts';

type Proxy = Outputs['proxy']['list']['items'][number];

const rank: Record<string, number> = {
  Failed: 0,
  Degraded: 1,
  Unknown: 2,
  Progressing: 3,
  Ready: 4,
};

/** Every proxy of the mesh: what it is, and whether it runs what istiod wants it to. */
export function ProxiesPage() {
  const mesh = useMesh();
  const client = useTRPCClient();
  const list = useAll(
    ['proxy', 'list'],
    { meshId: mesh.id },
    (page) => client.proxy.list.query(page),
    { refetchInterval: 15_000 },
  );
  const items = list.data?.items ?? [];
  const troubled = items.filter((proxy) => proxyTrouble(proxy) !== '').length;
  const notes = (list.data?.first.clusters ?? []).filter(({ note }) => note !== '');
  return (
    <div className="flex flex-col gap-4">
      <p className="text-base" aria-live="polite">
        {!list.data
          ? 'Sidecars, waypoints, gateways and ztunnels, and whether each is in sync with istiod.'
          : items.length === 0
            ? 'No proxy is told of.'
            : `${count(items.length, 'proxy', 'proxies')}; ${troubled === 0 ? 'nothing is wrong with them' : `of ${troubled} something is wrong`}.`}
      </p>
      {notes.map(({ clusterId, clusterName, note }) => (
        <Note key={clusterId} tone="warn" title={clusterName}>
          {note}
        </Note>
      ))}
      <Listing
        list={list}
        name="proxies"
        label="Proxies"
        noun={['proxy', 'proxies']}
        columns={columnsOf(mesh.id, mesh.clusters.length > 1)}
        rowKey={(row) => `${row.clusterId}/${row.namespace}/${row.pod}`}
        href={(row) => paths.proxy(mesh.id, row.clusterId, row.namespace, row.pod)}
        defaultSort="state"
        toolbar={<CopyAs size="sm" verb="proxy.list" input={{ meshId: mesh.id }} />}
        empty={
          <Empty
            icon={<Radio size={18} aria-hidden="true" />}
            title="No proxy is told of"
            command={`npx ambit proxy list --mesh-id ${mesh.id}`}
          >
            Agents tell of sidecars, waypoints, gateways and ztunnels as soon as there are any.
          </Empty>
        }
      />
    </div>
  );
}

function columnsOf(meshId: string, many: boolean): Column<Proxy>[] {
  return [
    {
      id: 'proxy',
      header: 'Proxy',
      wrap: true,
      value: (row) => `${row.namespace}/${row.pod}`,
      cell: (row) => (
        <>
          <Link
            href={paths.proxy(meshId, row.clusterId, row.namespace, row.pod)}
            className="block min-w-0 break-all hover:underline"
          >
            <span className="text-ink-3">{row.namespace}/</span>
            <span className="font-medium">{row.pod}</span>
          </Link>
          {proxyTrouble(row) ? (
            <span className="block text-xs break-words text-ink-2">{proxyTrouble(row)}</span>
          ) : null}
        </>
      ),
    },
    {
      id: 'state',
      header: 'State',
      width: '124px',
      value: (row) => rank[proxyStatus(row)],
      cell: (row) => <Status status={proxyStatus(row)} quiet />,
    },
    {
      id: 'kind',
      header: 'Kind',
      width: '104px',
      hideBelow: 'sm',
      value: (row) => row.kind,
      cell: (row) => <Tag>{row.kind}</Tag>,
    },
    {
      id: 'version',
      header: 'Version',
      width: '136px',
      hideBelow: 'md',
      value: (row) => row.version,
    },
    {
      id: 'sync',
      header: 'In sync',
      width: '150px',
      hideBelow: 'lg',
      value: (row) => Object.entries(row.sync).flat().join(' '),
      cell: (row) => (
        <span className="flex flex-wrap gap-x-2 text-xs">
          {Object.entries(row.sync).map(([type, state]) => (
            <span
              key={type}
              title={`${type}: ${state}`}
              className={
                state === 'synced' ? 'text-ok' : state === 'notSent' ? 'text-ink-3' : 'text-bad'
              }
            >
              {type}
              {state === 'stale' || state === 'error' ? ` ${state}` : ''}
            </span>
          ))}
          {row.inSync === null ? <span className="text-ink-3">not known</span> : null}
        </span>
      ),
    },
    ...(many
      ? [
          {
            id: 'cluster',
            header: 'Cluster',
            width: '120px',
            hideBelow: 'lg',
            value: (row: Proxy) => row.clusterName,
          } as const,
        ]
      : []),
    { id: 'node', header: 'Node', hideBelow: 'xl', width: '150px', value: (row) => row.node },
    {
      id: 'scraped',
      header: 'Metrics read',
      width: '116px',
      hideBelow: 'lg',
      value: (row) => row.scrapedAt,
      cell: (row) => <Time at={row.scrapedAt} never="not" />,
    },
    { id: 'workload', header: 'Workload', extra: true, value: (row) => row.workload },
    { id: 'istiod', header: 'istiod', extra: true, value: (row) => row.istiod },
  ];
}
