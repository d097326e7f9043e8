'use client';

import { Waypoints } from 'lucide-react';
import { paths } from '@/lib/paths.ts';
import { sentence } from '@/lib/format.ts';
import { ButtonLink } from '@/ui/button.tsx';
import { Empty } from '@/ui/states.tsx';

interface Props {
  meshId: string;
  state: 'live' | 'starting' | 'past' | 'noSource' | 'failed';
  message: string;
}

const titles: Record<Props['state'], string> = {
  noSource: 'Nobody tells of traffic yet',
  starting: 'Waiting for the first answer',
  failed: 'No source of telemetry answers',
  live: 'No traffic to show',
  past: 'No traffic to show at that moment',
};

/** A graph without anything in it: why, and what to do. */
export function FirstState({ meshId, state, message }: Props) {
  return (
    <div className="card">
      <Empty
        icon={<Waypoints size={18} aria-hidden="true" />}
        title={titles[state]}
        action={
          <div className="flex flex-wrap justify-center gap-2">
            {state === 'noSource' || state === 'failed' ? (
              <ButtonLink href={paths.integrations()} variant="primary">
                {state === 'noSource' ? 'Add a Prometheus' : 'Look at integrations'}
              </ButtonLink>
            ) : null}
            {state === 'live' || state === 'noSource' ? (
              <ButtonLink href={paths.meshEnrolment(meshId)}>See who is enrolled</ButtonLink>
            ) : null}
          </div>
        }
      >
        <p>{sentence(message)}</p>
        {state === 'noSource' ? (
          <p className="mt-1">
            The graph is made of Istio’s standard metrics. They come from a Prometheus-compatible
            server that scrapes the mesh, or from Ambit’s agents, which scrape proxies and ztunnels
            themselves where no Prometheus does.
          </p>
        ) : null}
        {state === 'live' ? (
          <p className="mt-1">
            Sources answer, and nothing moved in the last minute. Send a request through the mesh,
            or let idle edges be shown.
          </p>
        ) : null}
      </Empty>
    </div>
  );
}
