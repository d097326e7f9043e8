'use client';

import { nodeIdOf } from '@ambit/topology/node-id';
import { parseAsString, useQueryState } from 'nuqs';
import { Edges } from '@/features/services/edges.tsx';
import { GoldenSignals } from '@/features/services/signals.tsx';
import { TimeSpan, useSignals } from '@/features/services/time-span.tsx';
import { paths } from '@/lib/paths.ts';
import { ButtonLink } from '@/ui/button.tsx';
import { Select } from '@/ui/field.tsx';
import { Section } from '@/ui/page.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import { OwnSignals } from './own-signals.tsx';
import type { WaypointDetail } from './words.ts';

const itself = 'waypoint';

/** Over time: its own requests, those to one of the Services that use it, or what connections its own pods open. */
export function WaypointSignals({
  meshId,
  waypoint,
}: {
  meshId: string;
  waypoint: WaypointDetail;
}) {
  const [chosen, choose] = useQueryState('of', parseAsString);
  const { clusterName, namespace, name, attached } = waypoint;
  const own = nodeIdOf('workload', clusterName, namespace, name);
  const services = attached
    .filter(({ kind }) => kind === 'Service')
    .map((one) => ({
      id: nodeIdOf('service', clusterName, one.namespace, one.name),
      text: `Service ${one.namespace}/${one.name}`,
    }));
  const subject = [...services.map(({ id }) => id), own].find((id) => id === chosen) ?? null;
  const { query, span, setSpan } = useSignals(meshId, subject);
  return (
    <Section
      title="Signals"
      text={
        subject === null
          ? 'All requests that go through it, as its own replicas count them.'
          : subject === own
            ? 'Connections that its own pods open, as ztunnels tell.'
            : 'Requests to one of the Services that use it, as proxies tell.'
      }
      bare
      actions={
        <div className="flex w-full max-w-lg min-w-0 items-center gap-2">
          <Select
            aria-label="Signals of"
            className="min-w-0"
            value={subject ?? itself}
            onChange={(event) => void choose(event.target.value)}
          >
            <option value={itself}>The waypoint itself</option>
            {services.map(({ id, text }) => (
              <option key={id} value={id}>
                {text}
              </option>
            ))}
            <option value={own}>Its own pods</option>
          </Select>
          <div className="w-32 shrink-0">
            <TimeSpan span={span} onChange={setSpan} />
          </div>
          <ButtonLink
            href={`${paths.meshTopology(meshId)}?${new URLSearchParams({ focus: subject ?? own }).toString()}`}
          >
            In the graph
          </ButtonLink>
        </div>
      }
    >
      {subject === null ? (
        <OwnSignals meshId={meshId} waypoint={waypoint} span={span} />
      ) : query.data ? (
        <div className="flex flex-col gap-6">
          <GoldenSignals signals={query.data} />
          <Edges meshId={meshId} top={query.data.top} />
        </div>
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
