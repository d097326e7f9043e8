import type { Outputs } from '@/lib/session.tsx';

export type Waypoint = Outputs['waypoint']['list']['items'][number];
export type WaypointDetail = Outputs['waypoint']['get'];
export type Pool = Outputs['waypointPool']['list']['items'][number];

const hoursPerMonth = 730;

/** "0.09 EUR/h". */
export const perHour = (cost: number | null, currency: string | null): string =>
  cost === null ? 'no price told' : `${amount(cost)} ${currency ?? ''}/h`;

/** What it costs in a month of 730 hours: "65.70 EUR/month". */
export const perMonth = (cost: number | null, currency: string | null): string =>
  cost === null ? 'no price told' : `${(cost * hoursPerMonth).toFixed(2)} ${currency ?? ''}/month`;

const amount = (value: number): string => String(Number(value.toPrecision(3)));

export const poolText = (pool: string | null): string => pool ?? 'none (Istio’s own class)';

const takesWords: Record<string, string> = {
  service: 'traffic to Services',
  workload: 'traffic to pods',
  all: 'traffic to Services and to pods',
  none: 'no traffic',
};

export const takesText = (takes: string): string => takesWords[takes] ?? takes;

export const scalerWords: Record<string, string> = {
  agent: 'Ambit’s agent',
  hpa: 'a HorizontalPodAutoscaler',
  fixed: 'nobody: the number is fixed',
  none: 'nobody',
  auto: 'a HorizontalPodAutoscaler or the agent',
};

/** What the latency that it adds means, or why it is not told. */
export function addedText({ figures, pool }: Pick<Waypoint, 'figures' | 'pool'>): string {
  if (figures.addedMs !== null) return 'a request, on average, beside waiting for the server';
  if (figures.at === null) return 'nobody told yet';
  return pool === null
    ? 'a waypoint of no pool does not time its requests'
    : 'no requests, or it cannot be told';
}

/** Who may use it, in words. */
export function fromText(from: WaypointDetail['from']): string {
  if (from === null) return 'chosen in a way of others';
  if (from === 'Same') return 'its own namespace';
  return from === 'All' ? 'every namespace' : `its own namespace and ${from.join(', ')}`;
}

export interface LifeStep {
  title: string;
  state: 'succeeded' | 'running' | 'failed' | 'pending';
  /** What is so, in words. */
  text: string;
}

/**
 * The steps of a waypoint's life in their safe order, and how far it is: asked for, replicas, Programmed, configured,
 * used. The agent's own words stand at the step that is in trouble. Pure.
 */
export function lifeOf(waypoint: WaypointDetail): LifeStep[] {
  const { replicas, programmed, rejected, attached, bound } = waypoint;
  const isKnown = waypoint.state !== 'Unknown';
  const trouble = waypoint.state === 'Failed' || waypoint.state === 'Degraded';
  const enough = replicas.desired > 0 && replicas.ready >= replicas.desired;
  const services = attached.filter(({ kind }) => kind === 'Service').length;
  const used = services === 1 ? '1 Service uses it' : `${services} Services use it`;
  const unready = attached.filter(({ ready }) => !ready);
  return [
    {
      title: 'Asked for',
      state: 'succeeded',
      text: waypoint.policyId
        ? `a Gateway of class ${waypoint.gatewayClass} among the policies of the mesh`
        : `a Gateway of class ${waypoint.gatewayClass}, applied in the cluster by others`,
    },
    {
      title: 'Replicas',
      state: enough ? 'succeeded' : !isKnown ? 'pending' : trouble ? 'failed' : 'running',
      text: isKnown
        ? `${replicas.ready} of ${replicas.desired} ready${replicas.updated < replicas.total ? `, ${replicas.updated} of them of the newest kind` : ''}`
        : 'not told of yet',
    },
    {
      title: 'Programmed',
      state: programmed ? 'succeeded' : !isKnown ? 'pending' : trouble ? 'failed' : 'running',
      text: programmed
        ? 'istiod has given it an address; labels may name it'
        : 'istiod has not given it an address; no label is set before',
    },
    {
      title: 'Configured',
      state:
        rejected.length > 0 ? 'failed' : programmed && replicas.ready > 0 ? 'succeeded' : 'pending',
      text:
        rejected.length > 0
          ? `its proxies refused ${rejected.length === 1 ? 'a part' : `${rejected.length} parts`} of their configuration and go on with the one before`
          : 'its proxies have refused nothing',
    },
    {
      title: 'Used',
      state: unready.length > 0 ? 'failed' : attached.length === 0 ? 'pending' : 'succeeded',
      text:
        attached.length === 0
          ? 'no label names it yet'
          : `${used}, with ${bound.length} of L7${unready[0] ? `; ${unready[0].why}` : ''}`,
    },
  ];
}
