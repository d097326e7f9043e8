import { createTransport } from 'nodemailer';
import { AmbitError } from '../../kernel/errors.ts';
import type { NotifiedAlert } from '../facts.ts';
import { at, type Outgoing, type Sent, type Told } from './outgoing.ts';

/** Plain text: reads the same everywhere, and carries no marks of anybody's making. */
export function emailText({ notification, publicUrl }: Told): string {
  const part = (word: string, alerts: NotifiedAlert[], count: number) =>
    count === 0
      ? []
      : [
          `${word} (${count})`,
          '',
          ...alerts.flatMap((alert) => [
            `[${alert.severity}] ${alert.summary}`,
            ...(alert.description ? [`  ${alert.description}`] : []),
            `  since ${alert.startedAt}${alert.resolvedAt ? `, until ${alert.resolvedAt}` : ''}`,
            `  ${at(publicUrl, alert.link)}`,
            '',
          ]),
          ...(count > alerts.length ? [`and ${count - alerts.length} more`, ''] : []),
        ];
  return [
    ...part('Firing', notification.firing, notification.firingCount),
    ...part('Resolved', notification.resolved, notification.resolvedCount),
    `All alerts: ${at(publicUrl, '/alerts')}`,
    '',
  ].join('\n');
}

/** @throws Error of the SMTP server with its `responseCode`, or of the connection */
export async function sendEmail(out: Outgoing<'email'>): Promise<Sent> {
  const { target, deliveryId, groupId } = out;
  if (target.tls === 'none' && target.password) {
    throw new AmbitError('unprocessable', 'a password is not sent over a connection without TLS');
  }
  const [address] = await out.guard.resolve(target.host);
  const domain = target.from.split('@')[1] ?? 'ambit';
  const transport = createTransport({
    host: address!.address,
    port: target.port,
    secure: target.tls === 'implicit',
    requireTLS: target.tls === 'starttls',
    ignoreTLS: target.tls === 'none',
    tls: { servername: target.host },
    connectionTimeout: out.timeoutMs,
    greetingTimeout: out.timeoutMs,
    socketTimeout: out.timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(target.username ? { auth: { user: target.username, pass: target.password ?? '' } } : {}),
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${out.timeoutMs / 1000} s`)),
      out.timeoutMs,
    );
  });
  try {
    const sending = transport.sendMail({
      from: target.from,
      to: target.to,
      subject: `[Ambit] ${out.notification.title}`,
      text: emailText(out),
      // The same id when it is sent again, so that a reader's program shows it once; a group is one thread.
      messageId: `<${deliveryId}@${domain}>`,
      ...(groupId ? { references: `<${groupId}@${domain}>` } : {}),
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    const info = await Promise.race([sending, late]);
    const status = Number(/^\d{3}/.exec(info.response)?.[0] ?? 250);
    return { status: status < 300 ? 200 : status, text: info.response, retryAfterSeconds: null };
  } finally {
    clearTimeout(timer);
    transport.close();
  }
}
