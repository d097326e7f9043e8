import type { ConnectRequest } from '@ambit/kube-api/engine';
import type { View } from '../client/cache.ts';
import { isZtunnel } from '../istio/ambient.ts';
import { writesAccessLog } from '../proxies/mesh-config.ts';
import type { LogLine } from '../traffic/access-log.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { allContainers } from './runtime.ts';

/** How often a log that is followed is looked at. */
const lookMs = 250;

/**
 * Answers `kubectl logs`: says that nothing runs, and since when it is simulated; of proxies the access log of the
 * simulated requests too, as they would write it.
 */
export function podLog(
  { target, request }: ConnectRequest,
  view: () => View,
  traffic: () => Traffic,
): Response | undefined {
  const pod = view().get('pods', target.namespace, target.name);
  if (pod === undefined) return undefined;
  const { query } = request;
  const asked = query.get('container');
  const container = allContainers(pod).find(({ name }) => asked === null || name === asked);
  if (container === undefined) return undefined;
  const { name, image } = container;
  const since = pod.status?.startTime ?? pod.metadata.creationTimestamp;
  const first: LogLine = {
    at: since.replace(/(?:\.\d+)?Z$/, '.000000000Z'),
    text: `simulated: the sandbox runs no program; container ${name} stands for ${image}`,
  };
  const all = (): LogLine[] =>
    name === 'istio-proxy' && (isZtunnel(pod) || writesAccessLog(view()))
      ? [first, ...traffic().log.lines(`${target.namespace}/${target.name}`)]
      : [first];
  const from = query.get('sinceTime');
  const shown = all().filter(({ at }) => from === null || Date.parse(at) >= Date.parse(from));
  const tail = query.get('tailLines');
  const lines = tail === null ? shown : shown.slice(-Number(tail) || shown.length);
  const stamps = query.get('timestamps') === 'true';
  const write = (some: LogLine[]): string =>
    // Without stamps the first line says its time itself, as it always did.
    some.map((line) => `${stamps || line === first ? `${line.at} ` : ''}${line.text}\n`).join('');
  const headers = { 'content-type': 'text/plain' };
  if (query.get('follow') !== 'true') return new Response(write(lines), { headers });
  let last = all().at(-1)!.at;
  let timer: NodeJS.Timeout | undefined;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(encoder.encode(write(lines)));
      timer = setInterval(() => {
        const fresh = all().filter(({ at }) => at > last);
        last = fresh.at(-1)?.at ?? last;
        if (fresh.length > 0) controller.enqueue(encoder.encode(write(fresh)));
      }, lookMs).unref();
    },
    cancel: () => clearInterval(timer),
  });
  return new Response(body, { headers });
}
