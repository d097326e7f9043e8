'use client';

import { useQuery } from '@tanstack/react-query';
import { countdown } from '@/lib/format.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { useNow } from '@/lib/use-now.ts';
import { Code } from '@/ui/copy.tsx';
import { StatusIcon } from '@/ui/status.tsx';
import { Tabs } from '@/ui/tabs.tsx';

export type Joined = Outputs['cluster']['join'];

/** The command to run, how long its token lives, and whether the agent is there yet. */
export function JoinPanel({ joined }: { joined: Joined }) {
  const trpc = useTRPC();
  const now = useNow();
  const cluster = useQuery(
    trpc.cluster.get.queryOptions(
      { clusterId: joined.cluster.id },
      { initialData: joined.cluster, refetchInterval: 15_000 },
    ),
  ).data;
  const connected = cluster.state === 'connected';
  const leftMs = Date.parse(joined.join.expiresAt) - now;
  const expired = leftMs <= 0;
  return (
    <div className="flex flex-col gap-4">
      <div
        role="status"
        data-state={cluster.state}
        className={`flex items-start gap-3 rounded-lg border px-3 py-2.5 ${
          connected ? 'border-ok bg-ok-soft' : 'border-line-strong bg-surface'
        }`}
      >
        <span className="pt-0.5">
          <StatusIcon
            status={connected ? 'connected' : expired ? 'expired' : 'running'}
            size={16}
          />
        </span>
        <div className="min-w-0 grow">
          <p className="font-medium">
            {connected
              ? `${cluster.name} is connected`
              : expired
                ? 'The token has expired'
                : 'Waiting for the agent to connect'}
          </p>
          <p className="text-ink-2">
            {connected
              ? cluster.kubernetesVersion
                ? `Kubernetes ${cluster.kubernetesVersion}, agent ${cluster.agentVersion ?? 'of unknown version'}.`
                : 'Its first report is on the way.'
              : expired
                ? 'Close this and make a new join command.'
                : 'This turns green by itself, usually within a minute of running the command.'}
          </p>
        </div>
        {connected ? null : (
          <span className="tnum shrink-0 text-xs text-ink-3">
            {expired ? 'expired' : `token valid for ${countdown(leftMs)}`}
          </span>
        )}
      </div>
      {connected ? null : (
        <div>
          <p className="mb-1">
            Run one of these with a kubeconfig that points at{' '}
            <span className="font-medium">{cluster.name}</span>. The token in it works once, for
            this cluster only, and is not shown again.
          </p>
          <Tabs
            label="Join command"
            tabs={[
              {
                value: 'kubectl',
                label: 'kubectl',
                content: <Code code={joined.join.commands.kubectl} label="kubectl join command" />,
              },
              {
                value: 'ambit',
                label: 'ambit',
                content: <Code code={joined.join.commands.ambit} label="ambit join command" />,
              },
            ]}
          />
          <p className="mt-2 text-xs text-ink-3">
            It installs the agent in the namespace ambit-system. The agent only opens connections
            outwards, to this address; nothing has to reach the cluster from here.
          </p>
        </div>
      )}
    </div>
  );
}
