'use client';

import { useMutation } from '@tanstack/react-query';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { Button } from '@/ui/button.tsx';
import { Empty } from '@/ui/states.tsx';
import { Status, statusWord } from '@/ui/status.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';
import { notify } from '@/ui/toast.ts';

type Invitation = Outputs['invitation']['list']['items'][number];

export function Invitations({ onInvite }: { onInvite: () => void }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const refused = useRefusal()('member.write');
  const list = useAll(['invitation', 'list'], {}, (page) => client.invitation.list.query(page));
  const revoke = useMutation(
    trpc.invitation.revoke.mutationOptions({
      onSuccess: (invitation) => {
        notify.done(`The invitation of ${invitation.email} is revoked`);
        void list.refetch();
      },
      onError: (error) => notify.failed('Could not revoke it', error),
    }),
  );
  const columns: Column<Invitation>[] = [
    {
      id: 'email',
      header: 'Email',
      value: (row) => row.email,
      cell: (row) => <span className="font-medium">{row.email}</span>,
    },
    { id: 'role', header: 'Role', width: '100px', hideBelow: 'sm', value: (row) => row.role },
    {
      id: 'state',
      header: 'State',
      width: '120px',
      value: (row) => statusWord(row.state),
      cell: (row) => <Status status={row.state} quiet />,
    },
    {
      id: 'expires',
      header: 'Ends',
      width: '112px',
      align: 'right',
      hideBelow: 'md',
      value: (row) => row.expiresAt,
      cell: (row) => <Time at={row.expiresAt} />,
    },
    {
      id: 'actions',
      header: '',
      width: '104px',
      align: 'right',
      value: () => null,
      cell: (row) => (
        <Button
          size="sm"
          aria-label={`Revoke the invitation of ${row.email}`}
          disabledReason={
            refused ?? (row.state === 'open' ? undefined : `It is ${row.state} already.`)
          }
          onClick={() => revoke.mutate({ invitationId: row.id })}
        >
          Revoke
        </Button>
      ),
    },
  ];
  return (
    <Listing
      name="invitations"
      label="Invitations"
      urlPrefix="inv"
      noun={['invitation', 'invitations']}
      columns={columns}
      list={list}
      skeletonRows={2}
      rowKey={(row) => row.id}
      defaultSort="-expires"
      empty={
        <Empty
          title="No invitations"
          command="npx ambit invitation create --email someone@example.com --role viewer"
          action={
            <Button disabledReason={refused} onClick={onInvite}>
              Invite member
            </Button>
          }
        >
          An invitation is a link for one email address, valid for seven days.
        </Empty>
      }
    />
  );
}
