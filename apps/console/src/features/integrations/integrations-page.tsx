'use client';

import { Cable } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { useEditing } from '@/lib/use-editing.ts';
import { CopyAs } from '@/ui/copy-as.tsx';
import { CreateButton } from '@/ui/create-button.tsx';
import { MenuItem } from '@/ui/menu.tsx';
import { PageHeader } from '@/ui/page.tsx';
import { Empty } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { actColumn } from '@/ui/table/act-column.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import { useTakeAway } from '@/ui/table/take-away.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';
import type { Integration } from './draft.ts';
import { kindWords } from './kinds.ts';

const IntegrationDialog = lazy(() =>
  import('./integration-dialog.tsx').then((m) => ({ default: m.IntegrationDialog })),
);
const TestDialog = lazy(() => import('./test-dialog.tsx').then((m) => ({ default: m.TestDialog })));

const scopeOf = ({ clusterName, meshName, reach }: Integration): string =>
  clusterName !== null
    ? `cluster ${clusterName}${reach === 'agent' ? ', through its agent' : ''}`
    : meshName !== null
      ? `mesh ${meshName}`
      : 'all meshes';

export function IntegrationsPage() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const refused = useRefusal()('integration.write');
  const editing = useEditing<Integration>();
  const [testing, setTesting] = useState<Integration | null>(null);
  const deletion = useTakeAway({
    verb: 'integration.delete',
    input: ({ id }: Integration) => ({ integrationId: id }),
    mutation: trpc.integration.delete.mutationOptions(),
    title: ({ name }) => `Delete ${name}?`,
    action: 'Delete it',
    text: () => (
      <p>
        It is asked no more, and its address and secrets are forgotten. The server itself stays as
        it is.
      </p>
    ),
    done: ({ name }) => `${name} is deleted`,
  });
  const list = useAll(['integration', 'list'], {}, (page) => client.integration.list.query(page));
  const columns: Column<Integration>[] = [
    {
      id: 'name',
      header: 'Name',
      wrap: true,
      value: (row) => row.name,
      cell: (row) => (
        <>
          <span className="block font-medium break-words">{row.name}</span>
          <span className="block text-xs break-words text-ink-3">
            {kindWords[row.kind].name} · {row.address}
          </span>
        </>
      ),
    },
    { id: 'scope', header: 'Tells of', hideBelow: 'md', wrap: true, value: scopeOf },
    {
      id: 'state',
      header: 'State',
      width: '112px',
      value: (row) => row.status.state,
      cell: (row) => <Status status={row.status.state} quiet />,
    },
    {
      id: 'problem',
      header: 'What is wrong',
      hideBelow: 'lg',
      wrap: true,
      value: (row) => row.status.problems.join(' ') || null,
    },
    {
      id: 'asked',
      header: 'Asked',
      width: '104px',
      align: 'right',
      hideBelow: 'sm',
      value: (row) => row.status.at,
      cell: (row) => <Time at={row.status.at} />,
    },
    actColumn({
      refused,
      items: (row) => (
        <>
          <MenuItem onSelect={() => setTesting(row)}>Test</MenuItem>
          <MenuItem onSelect={() => editing.edit(row)}>Edit…</MenuItem>
          <MenuItem onSelect={() => deletion.ask(row)}>Delete…</MenuItem>
        </>
      ),
    }),
    {
      id: 'lastOk',
      header: 'Last answer',
      extra: true,
      value: (row) => row.status.lastOkAt,
      cell: (row) => <Time at={row.status.lastOkAt} />,
    },
    { id: 'id', header: 'Id', extra: true, value: (row) => row.id },
  ];
  const create = (
    <CreateButton refused={refused} onClick={editing.create}>
      Connect a server
    </CreateButton>
  );
  return (
    <>
      <PageHeader
        title="Integrations"
        lead="Servers of metrics and traces that are asked about meshes. What they know stays with them."
        actions={
          <>
            <CopyAs verb="integration.list" input={{}} />
            {create}
          </>
        }
      />
      <Listing
        name="integrations"
        label="Integrations"
        noun={['integration', 'integrations']}
        columns={columns}
        list={list}
        skeletonRows={2}
        rowKey={(row) => row.id}
        defaultSort="name"
        empty={
          <Empty
            icon={<Cable size={18} aria-hidden="true" />}
            title="No server is connected"
            action={create}
            command="npx ambit integration create --kind prometheus --name metrics --address https://prometheus.example.com"
          >
            Without one, agents read the metrics of proxies themselves. A Prometheus adds history,
            Jaeger, Tempo or Zipkin add traces.
          </Empty>
        }
      />
      {editing.isOpen && !refused ? (
        <Suspense>
          <IntegrationDialog
            integration={editing.edited}
            onClose={editing.close}
            onStored={(stored) => {
              editing.close();
              setTesting(stored);
            }}
          />
        </Suspense>
      ) : null}
      {testing ? (
        <Suspense>
          <TestDialog
            integration={testing}
            onClose={() => setTesting(null)}
            onEdit={() => {
              editing.edit(testing);
              setTesting(null);
            }}
          />
        </Suspense>
      ) : null}
      {deletion.question}
    </>
  );
}
