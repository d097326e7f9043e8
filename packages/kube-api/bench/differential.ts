import { type Client, connect, type Subject } from './client.ts';
import type { Step } from './story.ts';

export interface Difference {
  what: string;
  ours: unknown;
  theirs: unknown;
}

const volatile = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'time',
  'deletionTimestamp',
  'lastTransitionTime',
  'generation',
]);

/** Causes come in no certain order from either server, and messages list them. */
function ordered(status: number, body: unknown): unknown {
  if (status < 400 || typeof body !== 'object' || body === null) return body;
  const { message, details, ...rest } = body as {
    message?: string;
    details?: { causes?: object[] };
  };
  const causes = details?.causes?.map((cause) => JSON.stringify(cause)).sort();
  const words = causes === undefined ? message : (message ?? '').split(/[[\],]/)[0];
  return { ...rest, message: words, details: { ...details, causes } };
}

/** What has to be the same: names of managers and their fields, not times and identities. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string'
      ? value
          .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'TIME')
          .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UID')
      : value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !volatile.has(key) && inner !== null)
      .map(([key, inner]) => [key, comparable(inner)])
      .sort(([a], [b]) => (a! < b! ? -1 : 1)),
  );
}

async function tell(client: Client, step: Step): Promise<{ status: number; body: unknown }> {
  const body = step.body === undefined ? undefined : JSON.stringify(step.body);
  const answer = await client.send(step.method, step.path, body, step.type);
  return {
    status: answer.status,
    body: ordered(answer.status, comparable(parse(answer.body.toString()))),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Tells a story to two servers and answers where they differ. */
export async function differences(
  ours: Subject,
  theirs: Subject,
  steps: Step[],
): Promise<Difference[]> {
  const clients = [connect(ours, 1), connect(theirs, 1)] as const;
  const found: Difference[] = [];
  try {
    for (const step of steps) {
      const [mine, real] = await Promise.all(clients.map((client) => tell(client, step)));
      if (JSON.stringify(mine) !== JSON.stringify(real)) {
        found.push({ what: step.what, ours: mine, theirs: real });
      }
      if (step.servedAt !== undefined) {
        if (mine!.status !== 201 || real!.status !== 201) {
          throw new Error(`${step.what} was refused: ${JSON.stringify([mine, real])}`);
        }
        for (const client of clients) {
          while ((await client.send('GET', step.servedAt)).status !== 200)
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    }
    return found;
  } finally {
    clients.forEach((client) => client.close());
  }
}
