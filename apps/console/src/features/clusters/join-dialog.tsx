'use client';

import { nameSchema } from '@ambit/contracts/common';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button, ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Field, Input } from '@/ui/field.tsx';
import { ErrorNote } from '@/ui/states.tsx';
import { JoinPanel, type Joined } from './join-panel.tsx';

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Names a cluster, then shows the command that joins it and waits for its agent. */
export function JoinDialog({ open, onOpenChange }: Props) {
  const trpc = useTRPC();
  const router = useRouter();
  const [name, setName] = useState('');
  const [touched, setTouched] = useState(false);
  const join = useMutation(trpc.cluster.join.mutationOptions());
  const checked = nameSchema.safeParse(name);
  const problem = checked.success ? undefined : checked.error.issues[0]?.message;

  const close = (next: boolean) => {
    onOpenChange(next);
    if (next) return;
    setName('');
    setTouched(false);
    join.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTouched(true);
    if (checked.success) join.mutate({ name });
  };

  if (join.data)
    return (
      <Dialog
        open={open}
        onOpenChange={close}
        title={`Join ${join.data.cluster.name}`}
        width="lg"
        footer={
          <JoinedFooter
            joined={join.data}
            onClose={() => close(false)}
            onGo={() => router.push(paths.cluster(join.data.cluster.id))}
          />
        }
      >
        <JoinPanel joined={join.data} />
      </Dialog>
    );
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title="Join a cluster"
      description="Give it a name; the next step is one command to run against it."
      footer={
        <>
          <CopyAs verb="cluster.join" input={{ name: name || 'prod-eu' }} />
          <Button onClick={() => close(false)}>Cancel</Button>
          <Button type="submit" form="join-form" variant="primary" busy={join.isPending}>
            Make the join command
          </Button>
        </>
      }
    >
      <form id="join-form" onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label="Name"
          help="How this cluster is called in Ambit. Lower-case letters, digits and “-”."
          error={touched || name.length > 1 ? problem : undefined}
        >
          <Input
            value={name}
            autoFocus
            autoComplete="off"
            placeholder="prod-eu"
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <ErrorNote error={join.error} />
      </form>
    </Dialog>
  );
}

export function JoinedFooter(props: { joined: Joined; onClose: () => void; onGo?: () => void }) {
  const trpc = useTRPC();
  const cluster = useQuery(trpc.cluster.get.queryOptions({ clusterId: props.joined.cluster.id }));
  const refusal = useRefusal();
  const connected = cluster.data?.state === 'connected' && !cluster.data.mesh;
  return (
    <>
      <Button onClick={props.onClose}>Close</Button>
      {props.onGo ? <Button onClick={props.onGo}>Open the cluster</Button> : null}
      {connected ? (
        <ButtonLink
          variant="primary"
          href={`${paths.meshCreate()}?cluster=${props.joined.cluster.id}`}
          disabledReason={refusal('mesh.write')}
        >
          Create a mesh here
        </ButtonLink>
      ) : null}
    </>
  );
}
