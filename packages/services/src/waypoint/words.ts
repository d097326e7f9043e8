import type { ReportedWaypoint } from '@ambit/contracts/agent/waypoint';
import { counted } from '@ambit/contracts/words';
import type { WaypointUsers } from '@ambit/istio/waypoint/bound';
import type { ClusterReport } from './reports.ts';

/** How a waypoint is, in a sentence: what is wrong first, then what it does. */
export function sentenceOf(
  reported: ReportedWaypoint | null,
  { attached, bound }: WaypointUsers,
  { clusterName, report }: Pick<ClusterReport, 'clusterName' | 'report'>,
): string {
  if (!reported) {
    const why =
      report?.problem ||
      (report ? 'it is on its way there' : 'its agent has not told of waypoints');
    return `Not known in ${clusterName}: ${why}.`;
  }
  const services = attached.filter(({ kind }) => kind === 'Service').length;
  const use =
    services === 0
      ? 'nothing uses it'
      : `${counted(services, 'Service uses', 'Services use')} it, ${
          bound.length === 0
            ? 'and nothing of L7 is bound: L4 alone would do'
            : `with ${counted(bound.length, 'route or policy', 'routes and policies')} of L7`
        }`;
  const verb = {
    Ready: 'Serves',
    Degraded: 'Serves, but',
    Progressing: 'Not ready yet',
    Failed: 'Does not serve',
  }[reported.state];
  if (reported.reason === 'Sleeping') return `Sleeps: ${reported.message}; ${use}.`;
  const detail = reported.message.replace(/\.$/, '');
  return reported.state === 'Ready'
    ? `${verb} with ${detail}; ${use}.`
    : `${verb}: ${detail}; ${use}.`;
}

/** What deleting a waypoint does to what uses it. */
export function consequencesOf(name: string, { attached, bound }: WaypointUsers): string[] {
  if (attached.length === 0) {
    return [`Nothing uses ${name}: no traffic changes its way.`];
  }
  const who = attached.map(
    (one) => `${one.kind} ${one.kind === 'Namespace' ? one.name : `${one.namespace}/${one.name}`}`,
  );
  const some = who.slice(0, 5).join(', ');
  const more = who.length > 5 ? `, and ${who.length - 5} more` : '';
  return [
    `Traffic to ${some}${more} would go straight to the pods: encrypted, and past everything of L7.`,
    ...(bound.length === 0
      ? []
      : [
          `${counted(bound.length, 'route or policy', 'routes and policies')} would no longer be carried out: ${bound
            .slice(0, 5)
            .map(({ kind, namespace, name: of }) => `${kind} ${namespace}/${of}`)
            .join(', ')}${bound.length > 5 ? ', and more' : ''}.`,
        ]),
  ];
}
