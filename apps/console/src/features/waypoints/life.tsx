'use client';

import { skipToken, useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/lib/trpc.tsx';
import { Conditions } from '@/ui/conditions.tsx';
import { Section } from '@/ui/page.tsx';
import { StatusIcon, statusWord } from '@/ui/status.tsx';
import { lifeOf, type WaypointDetail } from './words.ts';

/** How far a waypoint is on its way, and the conditions of its Gateway. */
export function Life({ meshId, waypoint }: { meshId: string; waypoint: WaypointDetail }) {
  const trpc = useTRPC();
  const { policyId } = waypoint;
  const gateway = useQuery(
    trpc.policy.get.queryOptions(policyId ? { meshId, policyId } : skipToken),
  ).data;
  return (
    <div className="grid items-start gap-6 lg:grid-cols-2">
      <Section title="Its way">
        <ol aria-label="Steps" className="flex flex-col gap-2.5">
          {lifeOf(waypoint).map((step) => (
            <li key={step.title} className="flex items-start gap-2.5">
              <span className="pt-0.5">
                <StatusIcon status={step.state} size={15} />
                <span className="sr-only">{statusWord(step.state)}:</span>
              </span>
              <span className="min-w-0">
                <span className="font-medium">{step.title}</span>
                <span className="block text-sm break-words text-ink-2">{step.text}</span>
              </span>
            </li>
          ))}
        </ol>
      </Section>
      <Section title="Conditions of its Gateway">
        {gateway ? (
          <Conditions items={gateway.conditions} />
        ) : (
          <p className="text-sm text-ink-3">
            {policyId
              ? 'Reading them…'
              : 'Only the cluster knows them: it is no policy of the mesh.'}
          </p>
        )}
      </Section>
    </div>
  );
}
