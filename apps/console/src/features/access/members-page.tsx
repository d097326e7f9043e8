'use client';

import { limitedRoles } from '@ambit/contracts/limits';
import { type Role, roleCovers, roles } from '@ambit/contracts/roles';
import { useMutation } from '@tanstack/react-query';
import { UserPlus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { type Outputs, useMe, useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { useFlag } from '@/lib/use-flag.ts';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { ConfirmDialog } from '@/ui/confirm-dialog.tsx';
import { Select } from '@/ui/field.tsx';
import { PageHeader, Section } from '@/ui/page.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';
import { notify } from '@/ui/toast.ts';
import { LimitsLine } from './limits-line.tsx';
import { Invitations } from './invitations.tsx';

const InviteDialog = lazy(() =>
  import('./invite-dialog.tsx').then((m) => ({ default: m.InviteDialog })),
);

const LimitsDialog = lazy(() =>
  import('./limits-dialog.tsx').then((m) => ({ default: m.LimitsDialog })),
);

type Member = Outputs['member']['list']['items'][number];

const unlimitable = (role: Role): string | undefined =>
  (limitedRoles as readonly Role[]).includes(role)
    ? undefined
    : `The role ${role} manages the organisation, so it has no limits.`;

export function MembersPage() {
  const me = useMe();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const refused = useRefusal()('member.write');
  const [inviting, setInviting] = useFlag('invite');
  const [limiting, setLimiting] = useState<Member | null>(null);
  const [removing, setRemoving] = useState<Member | null>(null);
  const list = useAll(['member', 'list'], {}, (page) => client.member.list.query(page));
  const update = useMutation(
    trpc.member.update.mutationOptions({
      onSuccess: (member) => {
        notify.done(`${member.name} is ${member.role} now`);
        void list.refetch();
      },
      onError: (error) => notify.failed('Could not change the role', error),
    }),
  );
  const above = (member: Member) =>
    roleCovers(me.role, member.role) ? undefined : 'Their role is above your own.';
  const columns: Column<Member>[] = [
    {
      id: 'name',
      header: 'Name',
      value: (row) => row.name,
      cell: (row) => (
        <span className="font-medium">
          {row.name}
          {row.userId === me.actor.id ? (
            <span className="font-normal text-ink-3"> (you)</span>
          ) : null}
        </span>
      ),
    },
    { id: 'email', header: 'Email', hideBelow: 'sm', value: (row) => row.email },
    {
      id: 'role',
      header: 'Role',
      width: '124px',
      value: (row) => row.role,
      cell: (row) =>
        refused || above(row) ? (
          <span className="block min-w-0">
            {row.role}
            <LimitsLine limits={row.limits} />
          </span>
        ) : (
          <Select
            aria-label={`Role of ${row.name}`}
            className="!h-7"
            value={row.role}
            disabled={update.isPending}
            onChange={(event) =>
              update.mutate({ memberId: row.id, role: event.target.value as Role })
            }
          >
            {roles.map((role) => (
              <option key={role} value={role} disabled={!roleCovers(me.role, role)}>
                {role}
              </option>
            ))}
          </Select>
        ),
    },
    {
      id: 'since',
      header: 'Member since',
      width: '124px',
      align: 'right',
      hideBelow: 'md',
      value: (row) => row.createdAt,
      cell: (row) => <Time at={row.createdAt} />,
    },
    {
      id: 'limits',
      header: '',
      width: '92px',
      align: 'right',
      hideBelow: 'sm',
      value: () => null,
      cell: (row) => (
        <Button
          size="sm"
          aria-label={`Limits of ${row.name}`}
          disabledReason={refused ?? above(row) ?? unlimitable(row.role)}
          onClick={() => setLimiting(row)}
        >
          {row.limits ? 'Limited' : 'Limits'}
        </Button>
      ),
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
          aria-label={`Remove ${row.name}`}
          disabledReason={refused ?? above(row)}
          onClick={() => setRemoving(row)}
        >
          Remove
        </Button>
      ),
    },
  ];
  return (
    <>
      <PageHeader
        title="Members"
        lead="Who may see and change this organisation, and as what."
        actions={
          <>
            <CopyAs verb="member.list" input={{}} />
            <Button
              variant="primary"
              icon={<UserPlus size={15} aria-hidden="true" />}
              disabledReason={refused}
              onClick={() => setInviting(true)}
            >
              Invite member
            </Button>
          </>
        }
      />
      <div className="flex flex-col gap-6">
        <Listing
          name="members"
          label="Members"
          noun={['member', 'members']}
          columns={columns}
          list={list}
          skeletonRows={3}
          rowKey={(row) => row.id}
          defaultSort="name"
          empty={null}
        />
        <Section title="Invitations" bare>
          <Invitations onInvite={() => setInviting(true)} />
        </Section>
      </div>
      {inviting && !refused ? (
        <Suspense>
          <InviteDialog onClose={() => setInviting(false)} />
        </Suspense>
      ) : null}
      {limiting ? (
        <Suspense>
          <LimitsDialog
            member={limiting}
            onClose={() => setLimiting(null)}
            onDone={() => void list.refetch()}
          />
        </Suspense>
      ) : null}
      {removing ? <RemoveDialog member={removing} onClose={() => setRemoving(null)} /> : null}
    </>
  );
}

function RemoveDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const trpc = useTRPC();
  const remove = useMutation(
    trpc.member.remove.mutationOptions({
      onSuccess: () => {
        notify.done(`${member.name} is removed`);
        onClose();
      },
    }),
  );
  const input = { memberId: member.id };
  return (
    <ConfirmDialog
      title={`Remove ${member.name}?`}
      verb="member.remove"
      input={input}
      action="Remove member"
      keep="Keep"
      mutation={remove}
      onClose={onClose}
    >
      <p className="text-ink-2">
        {member.email} loses access to this organisation at once. What they did stays in the audit
        log. A new invitation lets them in again.
      </p>
    </ConfirmDialog>
  );
}
