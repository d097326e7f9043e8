'use client';

import { nodeIdOf } from '@ambit/topology/node-id';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Edges } from '@/features/services/edges.tsx';
import { sentenceOf } from '@/features/services/sentence.ts';
import { GoldenSignals } from '@/features/services/signals.tsx';
import { paths } from '@/lib/paths.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Section } from '@/ui/page.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';

/** The golden signals of a whole cluster over the last hour, where somebody tells of its mesh. */
export function ClusterSignals({ meshId, cluster }: { meshId: string; cluster: string }) {
  const trpc = useTRPC();
  const input = { meshId, subject: nodeIdOf('cluster', cluster, '', cluster) };
  const query = useQuery(
    trpc.topology.signals.queryOptions(input, {
      refetchInterval: 30_000,
      placeholderData: keepPreviousData,
    }),
  );
  const focus = new URLSearchParams({ focus: input.subject, group: 'cluster' });
  const isTold = query.data && query.data.sources.length > 0;
  return (
    <Section
      title="Signals"
      text={
        query.data
          ? sentenceOf(query.data.inbound, query.data.sources).text
          : 'Requests to and from its workloads in the last hour.'
      }
      bare
      actions={
        isTold ? (
          <div className="flex items-center gap-2">
            <CopyAs verb="topology.signals" input={input} />
            <ButtonLink href={`${paths.meshTopology(meshId)}?${focus.toString()}`}>
              In the graph
            </ButtonLink>
          </div>
        ) : undefined
      }
    >
      {isTold ? (
        <div className="flex flex-col gap-6">
          <GoldenSignals signals={query.data} />
          <Edges meshId={meshId} top={query.data.top} />
        </div>
      ) : query.data ? null : query.error ? (
        <div className="card">
          <ErrorState error={query.error} what="its signals" onRetry={() => void query.refetch()} />
        </div>
      ) : (
        <Skeleton lines={8} />
      )}
    </Section>
  );
}
