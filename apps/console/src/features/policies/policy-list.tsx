'use client';

import { FileText, Plus } from 'lucide-react';
import Link from 'next/link';
import { parseAsString, useQueryState } from 'nuqs';
import { useFlag } from '@/lib/use-flag.ts';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Empty, ErrorState } from '@/ui/states.tsx';
import { Status, statusWord } from '@/ui/status.tsx';
import { DataTable, TableSkeleton } from '@/ui/table/table.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';
import { ConflictsNote, OriginChoice } from './policy-origin.tsx';
import { ofOrigin, rowOfDirect, rowOfPolicy, type PolicyRow } from './policy-rows.ts';

export function PolicyList() {
  const mesh = useMesh();
  const client = useTRPCClient();
  const refusal = useRefusal();
  const [deleted, setDeleted] = useFlag('deleted');
  const input = { meshId: mesh.id, ...(deleted ? { deleted: true } : {}) };
  const list = useAll(['policy', 'list'], input, (page) => client.policy.list.query(page));
  const direct = useAll(['direct', 'list'], { meshId: mesh.id }, (page) =>
    client.direct.list.query(page),
  );
  const [origin, setOrigin] = useQueryState('origin', parseAsString.withDefault(''));
  const own = (list.data?.items ?? []).map((policy) => rowOfPolicy(policy, deleted));
  const others = deleted
    ? []
    : (direct.data?.items ?? []).map((object) => rowOfDirect(mesh.id, object));
  const rows = ofOrigin([...own, ...others], origin);
  const columns: Column<PolicyRow>[] = [
    {
      id: 'name',
      header: 'Name',
      value: (row) => row.name,
      cell: (row) => (
        <Link href={row.href} className="font-medium hover:underline">
          {row.name}
          {row.origin === 'mesh' ? null : (
            <span className="block text-xs font-normal text-ink-3 sm:hidden">
              {row.originWords}
            </span>
          )}
        </Link>
      ),
    },
    { id: 'kind', header: 'Kind', value: (row) => row.kind },
    { id: 'namespace', header: 'Namespace', hideBelow: 'sm', value: (row) => row.namespace },
    { id: 'origin', header: 'Origin', hideBelow: 'sm', value: (row) => row.originWords },
    {
      id: 'status',
      header: 'Status',
      width: '136px',
      hideBelow: 'sm',
      value: (row) => statusWord(row.status),
      cell: (row) => <Status status={row.status} quiet />,
    },
    {
      id: 'version',
      header: 'Version',
      width: '84px',
      align: 'right',
      hideBelow: 'lg',
      value: (row) => row.version,
    },
    { id: 'author', header: 'By', width: '140px', hideBelow: 'xl', value: (row) => row.by },
    {
      id: 'updated',
      header: deleted ? 'Deleted' : 'Changed',
      width: '108px',
      align: 'right',
      value: (row) => row.changedAt,
      cell: (row) => <Time at={row.changedAt} />,
    },
    { id: 'api', header: 'API version', extra: true, value: (row) => row.apiVersion },
    { id: 'id', header: 'Id', extra: true, value: (row) => row.id },
  ];
  const write = (
    <ButtonLink
      href={paths.policyCreate(mesh.id)}
      variant="primary"
      icon={<Plus size={15} aria-hidden="true" />}
      disabledReason={refusal('policy.write')}
    >
      New policy
    </ButtonLink>
  );
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
        <p className="text-ink-2">
          {deleted
            ? 'Deleted policies keep their history and can be brought back.'
            : 'Istio and Gateway API resources, kept here with their history and carried into the clusters.'}
        </p>
        <div className="flex flex-wrap gap-2">
          <CopyAs verb="policy.list" input={input} />
          {write}
        </div>
      </div>
      {deleted ? null : <ConflictsNote meshId={mesh.id} objects={direct.data?.items ?? []} />}
      {list.error && !list.data ? (
        <div className="card">
          <ErrorState error={list.error} what="the policies" onRetry={() => void list.refetch()} />
        </div>
      ) : list.data ? (
        <DataTable
          key={String(deleted)}
          name="policies"
          label={deleted ? 'Deleted policies' : 'Policies'}
          noun={['policy', 'policies']}
          columns={columns}
          rows={rows}
          complete={list.data.complete && (direct.data?.complete ?? true)}
          rowKey={(row) => row.id}
          href={(row) => row.href}
          defaultSort="name"
          toolbar={
            <>
              {deleted ? null : (
                <OriginChoice
                  clusters={[...new Set(others.map((row) => row.origin))]}
                  value={origin}
                  onChange={(next) => void setOrigin(next || null)}
                />
              )}
              <label className="flex items-center gap-2 text-sm text-ink-2">
                <input
                  type="checkbox"
                  checked={deleted}
                  onChange={(event) => setDeleted(event.target.checked)}
                />
                Deleted
              </label>
            </>
          }
          empty={
            deleted ? (
              <Empty
                title="No policy was deleted"
                action={
                  <button
                    type="button"
                    className="text-accent underline underline-offset-2"
                    onClick={() => setDeleted(false)}
                  >
                    Show the present ones
                  </button>
                }
              />
            ) : (
              <Empty
                icon={<FileText size={18} aria-hidden="true" />}
                title="No policy yet"
                action={
                  <div className="flex flex-wrap items-center justify-center gap-3">
                    {write}
                    <button
                      type="button"
                      className="text-accent underline underline-offset-2"
                      onClick={() => setDeleted(true)}
                    >
                      Show deleted ones
                    </button>
                  </div>
                }
                command={`npx ambit policy apply --mesh-id ${mesh.id} -f policy.yaml`}
              >
                Write any Istio or Gateway API resource. It is checked before it is stored, and
                reaches the clusters within a second or so.
              </Empty>
            )
          }
        />
      ) : (
        <TableSkeleton />
      )}
    </>
  );
}
