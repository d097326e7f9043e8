import {
  waypointGet,
  waypointList,
  type WaypointDetail,
} from '@ambit/contracts/operations/waypoint';
import { counted } from '@ambit/contracts/words';
import { keyOf } from '@ambit/istio/enrolment/facts';
import { reclaimRule } from '@ambit/istio/waypoint/reclaim';
import { agoText } from '../agent-reads/ask.ts';
import { notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { pageOfArray } from '../kernel/page.ts';
import { loadLifecycles, type WaypointLifecycles } from './lifecycle-rows.ts';
import { loadWaypoints, type KnownWaypoint, type WaypointsOfMesh } from './load.ts';
import { releasedOf, spanText } from './reclaim.ts';
import { consequencesOf } from './words.ts';
import { fromOf, wantedOf } from './write.ts';

export const listWaypoints = implement(waypointList, async ({ tx, now }, input) => {
  const { waypoints, reports, clusters } = await loadWaypoints(tx, input.meshId, now);
  const states = new Map(clusters.map(({ clusterId, state }) => [clusterId, state]));
  const found = waypoints
    .map(({ summary }) => summary)
    .filter(
      ({ namespace, pool, state }) =>
        (input.namespace === undefined || namespace === input.namespace) &&
        (input.pool === undefined || pool === input.pool) &&
        (input.state === undefined || state === input.state),
    );
  const silent = reports.flatMap(({ clusterId, clusterName, report, at }) => {
    const isAway = states.get(clusterId) !== 'connected';
    const why = !report
      ? 'its agent has not told of waypoints'
      : report.problem ||
        (isAway && at
          ? `nothing is heard of its agent: its waypoints are as it told ${agoText(+now - +at)} ago`
          : '');
    return why === '' ? [] : [{ clusterId, clusterName, why }];
  });
  const unwell = found.filter(({ state }) => state !== 'Ready').length;
  const idle = found.filter(({ reclaimable, state }) => reclaimable && state !== 'Unknown').length;
  const words = [
    counted(found.length, 'waypoint'),
    ...(found.length === 0 ? [] : [unwell === 0 ? 'all serve' : `${unwell} not as they should be`]),
    ...(idle > 0 ? [`${idle} with nothing of L7 bound`] : []),
  ];
  return {
    ...pageOfArray(
      input,
      found,
      ({ namespace, name, clusterName }) => `${namespace}/${name}/${clusterName}`,
    ),
    total: found.length,
    sentence: `${words.join(', ')}.`,
    released: releasedOf(await loadLifecycles(tx, input.meshId)),
    silent,
  };
});

export const getWaypoint = implement(
  waypointGet,
  async ({ tx, now }, { meshId, namespace, name, clusterId }) => {
    const all = await loadWaypoints(tx, meshId, now);
    const found = all.waypoints.find(
      ({ summary }) =>
        summary.namespace === namespace &&
        summary.name === name &&
        (clusterId === undefined || summary.clusterId === clusterId),
    );
    if (!found) throw notFound('waypoint', `${namespace}/${name}`);
    return toDetail(found, all, await loadLifecycles(tx, meshId));
  },
  ({ namespace, name }) => `${namespace}/${name}`,
);

function toDetail(
  { summary, users, pool }: KnownWaypoint,
  { policyIds, gateways }: WaypointsOfMesh,
  { settings, idleSince }: WaypointLifecycles,
): WaypointDetail {
  const { attached, bound } = users;
  const text = `${summary.namespace}/${summary.name}`;
  const gateway = gateways.get(keyOf(summary.namespace, summary.name));
  const rule = reclaimRule(settings, summary, pool?.reclaim ?? null);
  const since = bound.length > 0 ? undefined : idleSince.get(text);
  return {
    ...summary,
    wanted: gateway ? wantedOf(gateway) : null,
    from: fromOf(gateway, summary.namespace),
    attached,
    bound: bound.map(({ kind, namespace, name, why }) => ({
      kind,
      namespace,
      name,
      why,
      policyId: policyIds.get(`${kind}/${namespace}/${name}`) ?? null,
    })),
    reclaim: {
      ...rule,
      idleSince: since === undefined ? null : new Date(since).toISOString(),
      dueAt:
        rule.mode !== 'automatic' || since === undefined || summary.policyId === null
          ? null
          : new Date(since + rule.afterS * 1_000).toISOString(),
      possible: bound.length === 0 && summary.policyId !== null,
      sentence:
        reclaimSentence(text, bound.length, attached.length, summary.policyId !== null) +
        (rule.mode === 'automatic' && summary.policyId !== null
          ? ` Ambit does so by itself once nothing of L7 was bound for ${spanText(rule.afterS)}.`
          : ''),
    },
    deletion: {
      blocked: attached.length > 0 || summary.policyId === null,
      consequences: [
        ...(summary.policyId === null
          ? ['It was applied in the cluster by others: delete it there.']
          : []),
        ...consequencesOf(text, users),
      ],
    },
  };
}

function reclaimSentence(text: string, bound: number, attached: number, isOurs: boolean): string {
  if (bound > 0) {
    return `${counted(bound, 'route or policy', 'routes and policies')} of L7 need it.`;
  }
  if (!isOurs) return 'Nothing of L7 is bound to it; it was applied in the cluster by others.';
  return attached === 0
    ? 'Nothing uses it: it can be deleted.'
    : `Nothing of L7 is bound to it. Releasing takes the labels that name ${text} away and deletes it; encryption and L4 policies go on as they are.`;
}
