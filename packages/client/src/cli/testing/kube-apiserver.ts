import { Agent, request } from 'node:https';

export type Answer = { refused: boolean; text: string };

/** A real kube-apiserver that a developer started with the CRDs installed; see the README of the validation. */
export function connect(
  url: string,
  token: string,
): (path: string, body: object) => Promise<Answer> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return (path, body) =>
    new Promise((resolve, reject) => {
      const sent = request(new URL(path, url), { agent, headers, method: 'POST' }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => {
          const refused = (response.statusCode ?? 500) >= 300;
          const { message } = refused ? (JSON.parse(text) as { message: string }) : { message: '' };
          resolve({ refused, text: message });
        });
      });
      sent.on('error', reject).end(JSON.stringify(body));
    });
}
