import { createHmac } from 'node:crypto';
import { at, type Outgoing, type Sent, type Told } from './outgoing.ts';
import { post } from './post.ts';
import type { NotifiedAlert } from '../facts.ts';

/**
 * The signature of a webhook as Standard Webhooks has it (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`
 * with the bytes behind `whsec_`.
 * @param timestamp seconds since 1970
 */
export function signatureOf(secret: string, id: string, timestamp: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return `v1,${signed}`;
}

export function webhookBody({ deliveryId, groupId, notification, publicUrl, now }: Told): string {
  const { firing, resolved, ...rest } = notification;
  const linked = (alert: NotifiedAlert) => ({ ...alert, link: at(publicUrl, alert.link) });
  return JSON.stringify({
    type: 'alert.notification',
    timestamp: now.toISOString(),
    data: {
      id: deliveryId,
      group: groupId,
      ...rest,
      firing: firing.map(linked),
      resolved: resolved.map(linked),
      link: at(publicUrl, '/alerts'),
    },
  });
}

export function sendWebhook(out: Outgoing<'webhook'>): Promise<Sent> {
  const body = webhookBody(out);
  const timestamp = Math.floor(out.now.getTime() / 1000);
  const headers = {
    'webhook-id': out.deliveryId,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatureOf(out.target.secret ?? '', out.deliveryId, timestamp, body),
  };
  return post(out.guard, out.target.url, body, headers, out.timeoutMs);
}
