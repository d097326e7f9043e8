'use client';

import { useMutation } from '@tanstack/react-query';
import { Ellipsis, KeyRound, Trash2, Unplug } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { Code } from '@/ui/copy.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Menu, MenuItem, MenuSeparator } from '@/ui/menu.tsx';
import { ErrorNote } from '@/ui/states.tsx';
import type { Cluster } from './cluster-state.ts';
import { JoinedFooter } from './join-dialog.tsx';
import { JoinPanel } from './join-panel.tsx';

type Open = 'renew' | 'revoke' | 'leave' | null;

/** What can be done with a cluster's agent, and leaving. */
export function ClusterActions({ cluster }: { cluster: Cluster }) {
  const refusal = useRefusal()('cluster.write');
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <>
      <Menu trigger={<Button icon={<Ellipsis size={15} aria-hidden="true" />}>Actions</Button>}>
        <MenuItem
          icon={<KeyRound size={14} aria-hidden="true" />}
          disabledReason={
            refusal ??
            (cluster.state === 'connected'
              ? 'The agent is connected. Revoke its credential first to install it anew.'
              : undefined)
          }
          onSelect={() => setOpen('renew')}
        >
          New join command
        </MenuItem>
        <MenuItem
          icon={<Unplug size={14} aria-hidden="true" />}
          disabledReason={
            refusal ??
            (cluster.state === 'waiting' || cluster.state === 'gone'
              ? 'No agent holds a credential for this cluster.'
              : undefined)
          }
          onSelect={() => setOpen('revoke')}
        >
          Revoke credential
        </MenuItem>
        <MenuSeparator />
        <MenuItem
          danger
          icon={<Trash2 size={14} aria-hidden="true" />}
          disabledReason={
            refusal ??
            (cluster.mesh ? `In mesh ${cluster.mesh.name}. Delete that mesh first.` : undefined)
          }
          onSelect={() => setOpen('leave')}
        >
          Remove cluster
        </MenuItem>
      </Menu>
      {open === 'renew' ? <RenewDialog cluster={cluster} onClose={close} /> : null}
      {open === 'revoke' ? <RevokeDialog cluster={cluster} onClose={close} /> : null}
      {open === 'leave' ? <LeaveDialog cluster={cluster} onClose={close} /> : null}
    </>
  );
}

interface DialogProps {
  cluster: Cluster;
  onClose: () => void;
}

export function RenewDialog({ cluster, onClose }: DialogProps) {
  const trpc = useTRPC();
  const renew = useMutation(trpc.cluster.renewJoin.mutationOptions());
  const input = { clusterId: cluster.id };
  if (renew.data)
    return (
      <Dialog
        open
        onOpenChange={onClose}
        title={`Join ${cluster.name}`}
        width="lg"
        footer={<JoinedFooter joined={renew.data} onClose={onClose} />}
      >
        <JoinPanel joined={renew.data} />
      </Dialog>
    );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="New join command"
      description="Join tokens that were given before stop working."
      footer={
        <>
          <CopyAs verb="cluster.renewJoin" input={input} />
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={renew.isPending} onClick={() => renew.mutate(input)}>
            Make the join command
          </Button>
        </>
      }
    >
      <p className="text-ink-2">
        The command installs the agent of {cluster.name} once more. Its token is valid for an hour
        and works once.
      </p>
      <ErrorNote error={renew.error} />
    </Dialog>
  );
}

function RevokeDialog({ cluster, onClose }: DialogProps) {
  const trpc = useTRPC();
  const revoke = useMutation(trpc.cluster.revoke.mutationOptions({ onSuccess: onClose }));
  const input = { clusterId: cluster.id };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Revoke the credential of ${cluster.name}?`}
      footer={
        <>
          <CopyAs verb="cluster.revoke" input={input} />
          <Button onClick={onClose}>Keep it</Button>
          <Button variant="danger" busy={revoke.isPending} onClick={() => revoke.mutate(input)}>
            Revoke credential
          </Button>
        </>
      }
    >
      <ul className="list-disc space-y-1 pl-5 text-ink-2">
        <li>The agent can neither fetch nor report from now on.</li>
        <li>
          What runs in the cluster is left as it is
          {cluster.mesh ? `; mesh ${cluster.mesh.name} cannot be changed there` : ''}.
        </li>
        <li>A new join command connects it again.</li>
      </ul>
      <div className="mt-3">
        <ErrorNote error={revoke.error} />
      </div>
    </Dialog>
  );
}

function LeaveDialog({ cluster, onClose }: DialogProps) {
  const trpc = useTRPC();
  const router = useRouter();
  const leave = useMutation(trpc.cluster.leave.mutationOptions());
  const input = { clusterId: cluster.id };
  const done = () => {
    onClose();
    router.push(paths.clusters());
  };
  if (leave.data)
    return (
      <Dialog
        open
        onOpenChange={done}
        title={`${cluster.name} is removed`}
        width="lg"
        footer={
          <Button variant="primary" onClick={done}>
            Done
          </Button>
        }
      >
        <p className="mb-2 text-ink-2">
          The agent is still installed. This takes it, its namespace and its rights out of the
          cluster:
        </p>
        <Code code={leave.data.uninstallCommand} label="uninstall command" />
      </Dialog>
    );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Remove ${cluster.name}?`}
      footer={
        <>
          <CopyAs verb="cluster.leave" input={input} />
          <Button onClick={onClose}>Keep it</Button>
          <Button variant="danger" busy={leave.isPending} onClick={() => leave.mutate(input)}>
            Remove cluster
          </Button>
        </>
      }
    >
      <p className="text-ink-2">
        Ambit forgets the cluster and its credential. Nothing in the cluster is changed; the command
        that uninstalls the agent is shown next.
      </p>
      <div className="mt-3">
        <ErrorNote error={leave.error} />
      </div>
    </Dialog>
  );
}
