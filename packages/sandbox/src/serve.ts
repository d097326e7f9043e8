import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { faultRequestSchema, type FaultEffects, type Faults } from './faults/faults.ts';
import type { View } from './client/cache.ts';
import type { Traffic } from './traffic/traffic.ts';

const longestBody = 10_000;

/** What is served beside the Kubernetes API, under /simulated/: faults and metrics. */
export function serveSimulated(given: {
  faults: Faults;
  effects: FaultEffects;
  traffic: Traffic;
  view: () => View;
}): RequestListener {
  const { faults, effects, traffic, view } = given;
  return (request, response) => {
    void answer(request)
      .catch((error: unknown) => ({
        status: 500,
        body: { message: String(error) },
      }))
      .then((answered) => send(response, answered));
  };

  async function answer(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? '/', 'http://sandbox.invalid');
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /simulated/faults':
        return { status: 200, body: { items: faults.active(), targets: targetsIn(view()) } };
      case 'POST /simulated/faults':
        return inject(await readBody(request));
      case 'GET /simulated/metrics':
        return { status: 200, text: traffic.metrics(url.searchParams.get('pod')) };
      default:
        return { status: 404, body: { message: `there is no ${request.method} ${url.pathname}` } };
    }
  }

  function inject(text: string): Answer {
    const parsed = faultRequestSchema.safeParse(parseJson(text));
    if (!parsed.success) {
      const message = parsed.error.issues
        .map(({ path, message: why }) => `${path.join('.') || 'body'}: ${why}`)
        .join('; ');
      return { status: 400, body: { message } };
    }
    const refusal = faults.inject(parsed.data, effects, new Date());
    if (refusal !== null) return { status: 422, body: { message: refusal } };
    return { status: 200, body: { items: faults.active() } };
  }
}

/** What faults can be aimed at; what belongs to the cluster itself is left out, except its nodes. */
function targetsIn(
  view: View,
): Record<'pods' | 'nodes' | 'services' | 'serviceAccounts', string[]> {
  const own = (kind: 'pods' | 'services' | 'serviceaccounts'): string[] =>
    view
      .list(kind)
      .filter(({ metadata }) => !ownNamespaces.has(metadata.namespace ?? ''))
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  return {
    pods: view
      .list('pods')
      .filter(({ metadata }) => metadata.namespace !== 'kube-system')
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    nodes: view.list('nodes').map(({ metadata }) => metadata.name),
    services: own('services'),
    serviceAccounts: own('serviceaccounts'),
  };
}

const ownNamespaces = new Set([
  'default',
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'ambit-system',
  'istio-system',
]);

interface Answer {
  status: number;
  body?: object;
  text?: string;
}

function send(response: ServerResponse, { status, body, text }: Answer): void {
  const type = text === undefined ? 'application/json' : 'text/plain; version=0.0.4; charset=utf-8';
  response.writeHead(status, { 'content-type': type, 'x-ambit-simulated': 'true' });
  response.end(text ?? JSON.stringify(body));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > longestBody) return '';
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
