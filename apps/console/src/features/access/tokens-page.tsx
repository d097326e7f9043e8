'use client';

import { KeyRound } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { useFlag } from '@/lib/use-flag.ts';
import { Button } from '@/ui/button.tsx';
import { CreateButton } from '@/ui/create-button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { PageHeader } from '@/ui/page.tsx';
import { Empty } from '@/ui/states.tsx';
import { Status, statusWord } from '@/ui/status.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import { useTakeAway } from '@/ui/table/take-away.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';

import { LimitsLine } from './limits-line.tsx';

const TokenDialog = lazy(() =>
  import('./token-dialog.tsx').then((m) => ({ default: m.TokenDialog })),
);

type Token = Outputs['token']['list']['items'][number];

const stateOf = (token: Token) =>
  token.revokedAt ? 'revoked' : Date.parse(token.expiresAt) < Date.now() ? 'expired' : 'valid';

export function TokensPage() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const refused = useRefusal()('token.write');
  const [creating, setCreating] = useFlag('create');
  const revocation = useTakeAway({
    verb: 'token.revoke',
    input: ({ id }: Token) => ({ tokenId: id }),
    mutation: trpc.token.revoke.mutationOptions(),
    title: ({ name }) => `Revoke ${name}?`,
    action: 'Revoke token',
    text: ({ lastUsedAt }) => (
      <p className="text-ink-2">
        Whatever uses it is refused from now on. Last used: <Time at={lastUsedAt} />. It cannot be
        made valid again; create a new one instead.
      </p>
    ),
    done: ({ name }) => `${name} is revoked`,
  });
  const list = useAll(['token', 'list'], {}, (page) => client.token.list.query(page));
  const columns: Column<Token>[] = [
    {
      id: 'name',
      header: 'Name',
      value: (row) => row.name,
      cell: (row) => <span className="font-medium">{row.name}</span>,
    },
    {
      id: 'hint',
      header: 'Begins with',
      width: '150px',
      hideBelow: 'md',
      value: (row) => row.hint,
      cell: (row) => <span className="font-mono text-xs">{row.hint}…</span>,
    },
    {
      id: 'role',
      header: 'Role',
      hideBelow: 'sm',
      value: (row) => row.role,
      cell: (row) => (
        <span className="block min-w-0">
          {row.role}
          <LimitsLine limits={row.limits} />
        </span>
      ),
    },
    {
      id: 'state',
      header: 'State',
      width: '112px',
      value: (row) => statusWord(stateOf(row)),
      cell: (row) => <Status status={stateOf(row)} quiet />,
    },
    { id: 'by', header: 'Made by', hideBelow: 'lg', value: (row) => row.createdBy },
    {
      id: 'used',
      header: 'Last used',
      width: '112px',
      align: 'right',
      hideBelow: 'md',
      value: (row) => row.lastUsedAt,
      cell: (row) => <Time at={row.lastUsedAt} />,
    },
    {
      id: 'expires',
      header: 'Ends',
      width: '104px',
      align: 'right',
      hideBelow: 'sm',
      value: (row) => row.expiresAt,
      cell: (row) => <Time at={row.expiresAt} />,
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
          aria-label={`Revoke ${row.name}`}
          disabledReason={
            refused ?? (stateOf(row) === 'valid' ? undefined : `It is ${stateOf(row)} already.`)
          }
          onClick={() => revocation.ask(row)}
        >
          Revoke
        </Button>
      ),
    },
  ];
  const create = (
    <CreateButton refused={refused} onClick={() => setCreating(true)}>
      Create token
    </CreateButton>
  );
  return (
    <>
      <PageHeader
        title="API tokens"
        lead="For REST, the CLI and GitOps tools. A token acts in this organisation, with a role of its own."
        actions={
          <>
            <CopyAs verb="token.list" input={{}} />
            {create}
          </>
        }
      />
      <Listing
        name="tokens"
        label="API tokens"
        noun={['token', 'tokens']}
        columns={columns}
        list={list}
        rowKey={(row) => row.id}
        defaultSort="name"
        empty={
          <Empty
            icon={<KeyRound size={18} aria-hidden="true" />}
            title="No token yet"
            action={create}
            command="npx ambit token create --name ci --role operator --expires-in-days 30"
          >
            Automation signs in with a token. Its secret is shown once, and only its hash is kept.
          </Empty>
        }
      />
      {creating && !refused ? (
        <Suspense>
          <TokenDialog onClose={() => setCreating(false)} />
        </Suspense>
      ) : null}
      {revocation.question}
    </>
  );
}
