'use client';

import { FolderKanban } from 'lucide-react';
import Link from 'next/link';
import { lazy, Suspense } from 'react';
import { paths } from '@/lib/paths.ts';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { useFlag } from '@/lib/use-flag.ts';
import { count } from '@/lib/format.ts';
import { Button } from '@/ui/button.tsx';
import { CreateButton } from '@/ui/create-button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { PageHeader } from '@/ui/page.tsx';
import { Empty } from '@/ui/states.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import { useTakeAway } from '@/ui/table/take-away.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';

const ProjectDialog = lazy(() =>
  import('./project-dialog.tsx').then((m) => ({ default: m.ProjectDialog })),
);

type Project = Outputs['project']['list']['items'][number];

export function ProjectsPage() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const refused = useRefusal()('project.write');
  const [creating, setCreating] = useFlag('create');
  const deletion = useTakeAway({
    verb: 'project.delete',
    input: ({ id }: Project) => ({ projectId: id }),
    mutation: trpc.project.delete.mutationOptions(),
    title: ({ name }) => `Delete project ${name}?`,
    action: 'Delete project',
    text: () => <p className="text-ink-2">It has no meshes. Nothing in any cluster is changed.</p>,
    done: ({ name }) => `Project ${name} is deleted`,
  });
  const list = useAll(['project', 'list'], {}, (page) => client.project.list.query(page));
  const columns: Column<Project>[] = [
    {
      id: 'name',
      header: 'Name',
      width: '24%',
      value: (row) => row.name,
      cell: (row) => (
        <Link href={`${paths.meshes()}?project=${row.id}`} className="font-medium hover:underline">
          {row.name}
        </Link>
      ),
    },
    {
      id: 'description',
      header: 'Description',
      hideBelow: 'sm',
      value: (row) => row.description || null,
    },
    { id: 'meshes', header: 'Meshes', width: '88px', align: 'right', value: (row) => row.meshes },
    {
      id: 'created',
      header: 'Created',
      width: '112px',
      align: 'right',
      hideBelow: 'sm',
      value: (row) => row.createdAt,
      cell: (row) => <Time at={row.createdAt} />,
    },
    {
      id: 'actions',
      header: '',
      width: '100px',
      align: 'right',
      value: () => null,
      cell: (row) => (
        <Button
          size="sm"
          aria-label={`Delete ${row.name}`}
          disabledReason={
            refused ??
            (row.meshes > 0
              ? `It has ${count(row.meshes, 'mesh', 'meshes')}. Delete those first.`
              : undefined)
          }
          onClick={() => deletion.ask(row)}
        >
          Delete
        </Button>
      ),
    },
    { id: 'id', header: 'Id', extra: true, value: (row) => row.id },
  ];
  const create = (
    <CreateButton refused={refused} onClick={() => setCreating(true)}>
      Create project
    </CreateButton>
  );
  return (
    <>
      <PageHeader
        title="Projects"
        lead="A team’s space for its meshes inside this organisation."
        actions={
          <>
            <CopyAs verb="project.list" input={{}} />
            {create}
          </>
        }
      />
      <Listing
        name="projects"
        label="Projects"
        noun={['project', 'projects']}
        columns={columns}
        list={list}
        skeletonRows={2}
        rowKey={(row) => row.id}
        defaultSort="name"
        empty={
          <Empty
            icon={<FolderKanban size={18} aria-hidden="true" />}
            title="No project"
            action={create}
            command="npx ambit project create --name payments"
          />
        }
      />
      {creating && !refused ? (
        <Suspense>
          <ProjectDialog onClose={() => setCreating(false)} />
        </Suspense>
      ) : null}
      {deletion.question}
    </>
  );
}
