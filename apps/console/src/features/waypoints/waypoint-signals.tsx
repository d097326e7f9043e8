'use client';

import { idPart } from '@ambit/topology/text';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs';
import { GoldenSignals } from '@/features/services/signals.tsx';
import { paths } from '@/lib/paths.ts';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { ButtonLink } from '@/ui/button.tsx';
import { Select } from '@/ui/field.tsx';
import { Section } from '@/ui/page.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import type { WaypointDetail } from './words.ts';

const spans = ['1h', '6h', '24h', '72h'] as const;

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

const idOf = (kind: 'service' | 'workload', cluster: string, namespace: string, name: string) =>
  `${kind}:${[cluster, namespace, name].map(idPart).join('/')}`;

/** Over time: requests to one of the Services that use it, or what connections its own pods open. */
export function WaypointSignals({
  meshId,
  waypoint,
}: {
  meshId: string;
  waypoint: WaypointDetail;
}) {
  const client = useTRPCClient();
  const [span, setSpan] = useQueryState('span', parseAsStringLiteral(spans).withDefault('1h'));
  const [chosen, choose] = useQueryState('of', parseAsString);
  const { clusterName, namespace, name, attached } = waypoint;
  const own = idOf('workload', clusterName, namespace, name);
  const services = attached
    .filter(({ kind }) => kind === 'Service')
    .map((one) => ({
      id: idOf('service', clusterName, one.namespace, one.name),
      text: `Service ${one.namespace}/${one.name}`,
    }));
  const subject =
    [...services.map(({ id }) => id), own].find((id) => id === chosen) ?? services[0]?.id ?? own;
  const query = useQuery({
    queryKey: [['topology', 'signals'], { input: { meshId, subject, span }, type: 'span' }],
    queryFn: () =>
      client.topology.signals.query({
        meshId,
        subject,
        from: hoursAgo(Number.parseInt(span, 10)),
      }),
    refetchInterval: ({ state }) => Math.max(15, (state.data?.stepS ?? 0) / 2) * 1_000,
    placeholderData: keepPreviousData,
  });
  return (
    <Section
      title="Signals"
      text={
        subject === own
          ? 'Connections that its own pods open, as ztunnels tell.'
          : 'Requests to one of the Services that use it, as proxies tell.'
      }
      bare
      actions={
        <div className="flex w-full max-w-lg min-w-0 items-center gap-2">
          <Select
            aria-label="Signals of"
            className="min-w-0"
            value={subject}
            onChange={(event) => void choose(event.target.value)}
          >
            {services.map(({ id, text }) => (
              <option key={id} value={id}>
                {text}
              </option>
            ))}
            <option value={own}>Its own pods</option>
          </Select>
          <Select
            aria-label="Time span"
            className="max-w-32"
            value={span}
            onChange={(event) => void setSpan(event.target.value as (typeof spans)[number])}
          >
            {spans.map((each) => (
              <option key={each} value={each}>
                last {each.replace('h', ' h')}
              </option>
            ))}
          </Select>
          <ButtonLink
            href={`${paths.meshTopology(meshId)}?${new URLSearchParams({ focus: subject }).toString()}`}
          >
            In the graph
          </ButtonLink>
        </div>
      }
    >
      {query.data ? (
        <GoldenSignals signals={query.data} />
      ) : query.error ? (
        <div className="card">
          <ErrorState error={query.error} what="its signals" onRetry={() => void query.refetch()} />
        </div>
      ) : (
        <Skeleton lines={8} />
      )}
    </Section>
  );
}
