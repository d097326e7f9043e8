import Link from 'next/link';
import { msText, rateText, shareText } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { Status, Tag } from '@/ui/status.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';
import {
  addedText,
  perHour,
  perMonth,
  poolText,
  takesText,
  type Pool,
  type Waypoint,
} from './words.ts';

interface Given {
  meshId: string;
  severalClusters: boolean;
  pools: readonly Pool[];
}

/** The columns of the list of waypoints. */
export function waypointColumns({ meshId, severalClusters, pools }: Given): Column<Waypoint>[] {
  const sizeOf = (row: Waypoint): string | undefined =>
    pools.find(({ name }) => name === row.pool)?.spec.size;
  return [
    {
      id: 'name',
      header: 'Waypoint',
      wrap: true,
      value: (row) => `${row.namespace}/${row.name}`,
      cell: (row) => (
        <span className="block min-w-0">
          <Link
            href={paths.waypoint(meshId, row.clusterId, row.namespace, row.name)}
            className="font-medium break-words hover:underline"
          >
            {row.namespace}/{row.name}
          </Link>
          <span className="line-clamp-2 text-xs text-ink-3" title={row.sentence}>
            {row.sentence}
          </span>
        </span>
      ),
    },
    {
      id: 'state',
      header: 'State',
      width: '112px',
      value: (row) => row.state,
      cell: (row) => (
        <span className="flex flex-wrap items-center gap-1">
          <Status status={row.state} quiet />
          {row.reclaimable && row.state !== 'Unknown' ? (
            <span title="Nothing of L7 is bound to it: it could be released, and L4 stays.">
              <Tag>not needed</Tag>
            </span>
          ) : null}
          {row.rejected.length > 0 ? (
            <span title="Its proxies refused configuration, and go on with the one before.">
              <Tag>config refused</Tag>
            </span>
          ) : null}
        </span>
      ),
    },
    ...(severalClusters
      ? [
          {
            id: 'cluster',
            header: 'Cluster',
            width: '110px',
            hideBelow: 'md' as const,
            value: (row: Waypoint) => row.clusterName,
          },
        ]
      : []),
    {
      id: 'takes',
      header: 'For',
      width: '78px',
      hideBelow: 'xl',
      value: (row) => row.takes,
      cell: (row) => <span title={takesText(row.takes)}>{row.takes}</span>,
    },
    {
      id: 'replicas',
      header: 'Replicas',
      width: '82px',
      align: 'right',
      hideBelow: 'md',
      value: (row) => row.replicas.ready,
      cell: (row) => `${row.replicas.ready} of ${row.replicas.desired}`,
    },
    {
      id: 'pool',
      header: 'Pool',
      width: '96px',
      hideBelow: 'lg',
      value: (row) => row.pool ?? '',
      cell: (row) => (
        <span className="block truncate" title={poolText(row.pool)}>
          {row.pool ?? '–'}
          <span className="block text-xs text-ink-3">{sizeOf(row)}</span>
        </span>
      ),
    },
    {
      id: 'services',
      header: 'Services',
      width: '76px',
      align: 'right',
      hideBelow: 'lg',
      value: (row) => row.services,
    },
    {
      id: 'l7',
      header: 'L7',
      width: '52px',
      align: 'right',
      hideBelow: 'lg',
      value: (row) => row.l7,
    },
    {
      id: 'rate',
      header: 'Requests',
      width: '82px',
      align: 'right',
      hideBelow: 'md',
      value: (row) => row.figures.requestsPerSecond,
      cell: (row) =>
        row.figures.requestsPerSecond === null ? '–' : rateText(row.figures.requestsPerSecond),
    },
    {
      id: 'p99',
      header: 'p99',
      width: '84px',
      align: 'right',
      hideBelow: 'xl',
      value: (row) => row.figures.p99Ms,
      cell: (row) => (
        <span title="99% of requests took no longer through it, the server’s time among it">
          {row.figures.p99Ms === null ? '–' : msText(row.figures.p99Ms)}
        </span>
      ),
    },
    {
      id: 'added',
      header: 'Adds',
      width: '76px',
      align: 'right',
      hideBelow: 'xl',
      value: (row) => row.figures.addedMs,
      cell: (row) => (
        <span title={addedText(row)}>
          {row.figures.addedMs === null ? '–' : msText(row.figures.addedMs)}
        </span>
      ),
    },
    {
      id: 'errors',
      header: 'Errors',
      width: '76px',
      align: 'right',
      extra: true,
      value: (row) => row.figures.errorShare,
      cell: (row) => (row.figures.errorShare === null ? '–' : shareText(row.figures.errorShare)),
    },
    {
      id: 'saturation',
      header: 'Saturation',
      width: '86px',
      align: 'right',
      hideBelow: 'xl',
      value: (row) => row.saturation,
      cell: (row) => (row.saturation === null ? '–' : shareText(row.saturation)),
    },
    {
      id: 'rejected',
      header: 'Refused config',
      width: '110px',
      align: 'right',
      extra: true,
      value: (row) => row.rejected.length,
    },
    {
      id: 'active',
      header: 'Last active',
      width: '94px',
      align: 'right',
      hideBelow: 'xl',
      value: (row) => row.lastActiveAt,
      cell: (row) => (row.lastActiveAt ? <Time at={row.lastActiveAt} /> : 'not seen'),
    },
    {
      id: 'cost',
      header: 'Cost a month',
      width: '112px',
      align: 'right',
      hideBelow: 'lg',
      value: (row) => row.costPerHour,
      cell: (row) =>
        row.costPerHour === null ? (
          '–'
        ) : (
          <span title={perHour(row.costPerHour, row.currency)}>
            {perMonth(row.costPerHour, row.currency).replace('/month', '')}
          </span>
        ),
    },
  ];
}
