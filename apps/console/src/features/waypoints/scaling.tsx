import { paths } from '@/lib/paths.ts';
import { ButtonLink } from '@/ui/button.tsx';
import { Facts, Section } from '@/ui/page.tsx';
import { scalerWords, type Pool, type WaypointDetail } from './words.ts';

interface Props {
  meshId: string;
  waypoint: WaypointDetail;
  pool: Pool | undefined;
}

/** How many replicas it has, who decides that, by which targets, and why it is so now. */
export function Scaling({ meshId, waypoint, pool }: Props) {
  const { scaling, replicas } = waypoint;
  const spec = pool?.spec;
  return (
    <Section
      title="Scaling"
      actions={
        pool ? (
          <ButtonLink size="sm" href={paths.meshWaypointPools(meshId, pool.id)}>
            Change pool {pool.name}
          </ButtonLink>
        ) : null
      }
    >
      <Facts
        items={[
          ['Replicas now', `${replicas.ready} ready of ${replicas.desired}`],
          [
            'Between',
            scaling && scaling.max > 0
              ? `${scaling.min} and ${scaling.max}`
              : spec
                ? `${spec.minReplicas} and ${spec.maxReplicas}`
                : 'one, as Istio makes it',
          ],
          ['Decided by', scaling ? (scalerWords[scaling.by] ?? scaling.by) : 'not told yet'],
          ['Targets of a replica', targetsOf(spec)],
          ['Why it is so', scaling?.message || 'nothing to say'],
          ...(spec
            ? ([
                [
                  'Stands still for',
                  `${spec.scaling.upStabilisationS} s before more, ${spec.scaling.downStabilisationS} s before less`,
                ],
              ] satisfies [string, string][])
            : []),
        ]}
      />
    </Section>
  );
}

function targetsOf(spec: Pool['spec'] | undefined): string {
  if (!spec) return 'none: it is of no pool';
  const { requestsPerSecond, activeRequests, cpuPercent } = spec.scaling;
  const targets = [
    ...(requestsPerSecond === null ? [] : [`${requestsPerSecond} requests/s`]),
    ...(activeRequests === null ? [] : [`${activeRequests} active requests`]),
    ...(cpuPercent === null ? [] : [`${cpuPercent}% of its CPU`]),
  ];
  return spec.scaling.by === 'fixed' || targets.length === 0 ? 'none' : targets.join(', ');
}
