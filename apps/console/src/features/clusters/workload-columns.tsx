import type { Workload } from '@ambit/contracts/agent/protocol';
import { Status } from '@/ui/status.tsx';
import type { Column } from '@/ui/table/types.ts';

/** Columns that every table of workloads has. */
export function workloadColumns<T extends Workload>(): Column<T>[] {
  return [
    {
      id: 'name',
      header: 'Workload',
      value: (row) => row.name,
      cell: (row) => (
        <span className="font-medium" title={row.name}>
          {row.name} <span className="font-normal text-ink-3 max-sm:hidden">{row.kind}</span>
        </span>
      ),
    },
    { id: 'namespace', header: 'Namespace', hideBelow: 'sm', value: (row) => row.namespace },
    {
      id: 'mode',
      header: 'Enrolment',
      width: '112px',
      value: (row) => row.mode,
      cell: (row) => <Status status={row.mode} quiet />,
    },
    {
      id: 'ready',
      header: 'Pods ready',
      width: '104px',
      align: 'right',
      value: (row) => row.ready,
      cell: (row) => (
        <span className={row.ready < row.pods ? 'text-warn' : ''}>
          {row.ready} of {row.pods}
        </span>
      ),
    },
    {
      id: 'enrolled',
      header: 'With proxy',
      width: '104px',
      align: 'right',
      hideBelow: 'md',
      value: (row) => row.enrolled,
      cell: (row) => `${row.enrolled} of ${row.pods}`,
    },
    {
      id: 'proxy',
      header: 'Proxy version',
      hideBelow: 'lg',
      value: (row) =>
        Object.entries(row.proxyVersions)
          .map(([version, pods]) => `${version} × ${pods}`)
          .join(', ') || null,
    },
    { id: 'account', header: 'Service account', extra: true, value: (row) => row.serviceAccount },
    { id: 'revision', header: 'Revision', extra: true, value: (row) => row.revision || null },
  ];
}
