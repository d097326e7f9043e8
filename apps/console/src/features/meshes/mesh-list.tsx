'use client';

import { skipToken, useQuery } from '@tanstack/react-query';
import { Boxes, Plus } from 'lucide-react';
import Link from 'next/link';
import { parseAsString, useQueryState } from 'nuqs';
import { meshRefusal } from '@/features/clusters/cluster-state.ts';
import { paths } from '@/lib/paths.ts';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Select } from '@/ui/field.tsx';
import { PageHeader } from '@/ui/page.tsx';
import { Empty } from '@/ui/states.tsx';
import { Status, Tag } from '@/ui/status.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import type { Column } from '@/ui/table/types.ts';

type Mesh = Outputs['mesh']['get'];

const columns: Column<Mesh>[] = [
  {
    id: 'name',
    header: 'Name',
    width: '20%',
    value: (row) => row.name,
    cell: (row) => (
      <Link href={paths.mesh(row.id)} className="font-medium hover:underline">
        {row.name}
      </Link>
    ),
  },
  {
    id: 'status',
    header: 'Status',
    width: '128px',
    value: (row) => row.status,
    cell: (row) => <Status status={row.status} quiet />,
  },
  {
    id: 'message',
    header: 'How it is',
    hideBelow: 'lg',
    value: (row) => row.statusMessage,
    cell: (row) => (
      <span className="text-ink-2" title={row.statusMessage}>
        {row.statusMessage}
      </span>
    ),
  },
  {
    id: 'profile',
    header: 'Profile',
    width: '100px',
    hideBelow: 'md',
    value: (row) => row.profile,
    cell: (row) => <Tag>{row.profile}</Tag>,
  },
  {
    id: 'release',
    header: 'Release',
    width: '132px',
    hideBelow: 'sm',
    value: (row) => row.activeRelease ?? row.release,
    cell: (row) => <span className="tnum">{row.activeRelease ?? row.release}</span>,
  },
  {
    id: 'clusters',
    header: 'Clusters',
    width: '92px',
    align: 'right',
    hideBelow: 'md',
    value: (row) => row.clusters.length,
  },
  {
    id: 'workloads',
    header: 'Enrolled',
    width: '108px',
    align: 'right',
    value: (row) => row.workloads.enrolled,
    cell: (row) => `${row.workloads.enrolled} of ${row.workloads.total}`,
  },
  {
    id: 'policies',
    header: 'Policies',
    width: '92px',
    align: 'right',
    hideBelow: 'md',
    value: (row) => row.policies,
  },
  { id: 'id', header: 'Id', extra: true, value: (row) => row.id },
];

export function MeshList() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const refusal = useRefusal();
  const [projectId, setProject] = useQueryState('project', parseAsString);
  const projects = useQuery(trpc.project.list.queryOptions({ limit: 200 })).data?.items ?? [];
  const list = useAll(['mesh', 'list'], projectId ? { projectId } : {}, (page) =>
    client.mesh.list.query(page),
  );
  const none = list.data?.items.length === 0;
  const clusters = useQuery(trpc.cluster.list.queryOptions(none ? { limit: 500 } : skipToken));
  const free = clusters.data?.items.find((cluster) => !meshRefusal(cluster));
  const create = (
    <ButtonLink
      href={paths.meshCreate()}
      variant="primary"
      icon={<Plus size={15} aria-hidden="true" />}
      disabledReason={refusal('mesh.write')}
    >
      Create mesh
    </ButtonLink>
  );
  const projectSelect =
    projects.length > 1 || projectId ? (
      <Select
        aria-label="Project"
        value={projectId ?? ''}
        onChange={(event) => void setProject(event.target.value || null)}
        className="!w-40"
      >
        <option value="">Every project</option>
        {projects.map((project) => (
          <option key={project.id} value={project.id}>
            {project.name}
          </option>
        ))}
      </Select>
    ) : null;
  return (
    <>
      <PageHeader
        title="Meshes"
        lead="Istio meshes that Ambit creates, upgrades and watches."
        actions={
          <>
            <CopyAs verb="mesh.list" input={projectId ? { projectId } : {}} />
            {create}
          </>
        }
      />
      <Listing
        name="meshes"
        label="Meshes"
        noun={['mesh', 'meshes']}
        columns={columns}
        list={list}
        rowKey={(row) => row.id}
        href={(row) => paths.mesh(row.id)}
        defaultSort="name"
        toolbar={projectSelect}
        empty={
          projectId ? (
            <Empty
              title="No mesh in this project"
              action={
                <button
                  type="button"
                  className="text-accent underline underline-offset-2"
                  onClick={() => void setProject(null)}
                >
                  Show every project
                </button>
              }
            />
          ) : (
            <Empty
              icon={<Boxes size={18} aria-hidden="true" />}
              title="No mesh yet"
              action={create}
              {...(free
                ? { command: `npx ambit mesh create --name shop --cluster-ids ${free.id}` }
                : {})}
            >
              A mesh needs one connected cluster. Creating it installs Istio’s control plane there;
              nothing is enrolled until you say so.{' '}
              {clusters.data && !free ? (
                <Link href={paths.clusterJoin()} className="text-accent underline">
                  Join a cluster first.
                </Link>
              ) : null}
            </Empty>
          )
        }
      />
    </>
  );
}
