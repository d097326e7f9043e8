import { at, type Outgoing, type Sent } from './outgoing.ts';
import { post } from './post.ts';

/**
 * An event of PagerDuty's Events API v2. One incident a group: its id is the dedup key, so telling again opens none,
 * and it is resolved when nothing of the group fires any more.
 */
export function pagerDutyBody(out: Outgoing<'pagerduty'>): string {
  const { target, notification, deliveryId, groupId, publicUrl } = out;
  const [first] = [...notification.firing, ...notification.resolved];
  const base = { routing_key: target.routingKey, dedup_key: groupId ?? deliveryId };
  if (notification.status === 'resolved') {
    return JSON.stringify({ ...base, event_action: 'resolve' });
  }
  const { labels = {} } = first ?? {};
  return JSON.stringify({
    ...base,
    event_action: 'trigger',
    client: 'Ambit',
    client_url: at(publicUrl, '/alerts'),
    links: notification.firing
      .slice(0, 10)
      .map(({ link, summary }) => ({ href: at(publicUrl, link), text: summary })),
    payload: {
      summary: notification.title.slice(0, 1_024),
      source: labels['mesh'] || 'ambit',
      severity: first?.severity ?? 'error',
      timestamp: first?.startedAt,
      component: [labels['namespace'], labels['name']].filter(Boolean).join('/') || undefined,
      group: Object.values(notification.groupLabels).filter(Boolean).join(' ') || undefined,
      class: labels['code'],
      custom_details: {
        firing: notification.firingCount,
        resolved: notification.resolvedCount,
        alerts: notification.firing.map(({ summary, description }) => `${summary} ${description}`),
      },
    },
  });
}

export const sendPagerDuty = (out: Outgoing<'pagerduty'>): Promise<Sent> =>
  post(out.guard, out.target.url, pagerDutyBody(out), {}, out.timeoutMs);
