import type { NotifiedAlert } from '../facts.ts';
import { at, type Outgoing, type Sent, type Told } from './outgoing.ts';
import { post } from './post.ts';

const colours = { error: '#c4314b', warning: '#b7791f', info: '#5c6b7a' };
const mostShown = 10;

/** Slack reads &, < and > as its own marks (api.slack.com: formatting text). */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A message that Slack, and what is compatible with it (Mattermost, Rocket.Chat), shows. */
export function slackBody({ notification, publicUrl }: Told): string {
  const { firing, resolved, title } = notification;
  const shown = [...firing, ...resolved].slice(0, mostShown);
  const left = notification.firingCount + notification.resolvedCount - shown.length;
  return JSON.stringify({
    text: escaped(title),
    attachments: [
      ...shown.map((alert) => attachment(alert, publicUrl, firing.includes(alert))),
      ...(left > 0
        ? [{ text: `<${at(publicUrl, '/alerts')}|${left} more>`, fallback: `${left} more` }]
        : []),
    ],
  });
}

const attachment = (alert: NotifiedAlert, publicUrl: string, fires: boolean) => ({
  color: fires ? colours[alert.severity] : '#2f7d4f',
  fallback: escaped(alert.summary),
  title: escaped(`${fires ? alert.severity : 'resolved'}: ${alert.summary}`),
  title_link: at(publicUrl, alert.link),
  text: escaped(alert.description),
  fields: ['mesh', 'namespace', 'code']
    .filter((label) => alert.labels[label])
    .map((label) => ({ title: label, value: escaped(alert.labels[label] ?? ''), short: true })),
  ts: Math.floor(Date.parse(alert.startedAt) / 1000),
});

export const sendSlack = (out: Outgoing<'slack'>): Promise<Sent> =>
  post(out.guard, out.target.webhookUrl, slackBody(out), {}, out.timeoutMs);
