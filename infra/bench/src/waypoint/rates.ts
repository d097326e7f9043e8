import { echoPort } from '@ambit/lab/testing/workloads';
import { decodeGraph } from '@ambit/topology/wire/message';
import { setTimeout as pause } from 'node:timers/promises';
import { figure, type Figure } from '../figure.ts';
import { namespace, until, type Ground } from './ground.ts';

const perSecond = 100;
const url = `http://echo.${namespace}:${echoPort}/?codes=500:20,200:80`;
const waitS = 150;

interface Seen {
  rate: number;
  errorShare: number;
  windowS: number;
  edges: string[];
}

/** HTTP requests a second that the graph shows into the servers, and the share of errors. */
async function seen({ client, meshId }: Ground): Promise<Seen> {
  const { graph } = await client.topology.get({ meshId, ambient: 'folded' });
  const { nodes, edges } = decodeGraph(graph);
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  const found: Seen = { rate: 0, errorShare: 0, windowS: graph.windowS, edges: [] };
  let errors = 0;
  for (const { source, target, protocol, rate, errorShare } of edges) {
    const to = names.get(target) ?? '';
    const share = errorShare ?? 0;
    found.edges.push(
      `${names.get(source) ?? ''}->${to} ${protocol} ${rate.toFixed(1)}/s ${(share * 100).toFixed(1)} %`,
    );
    if (protocol === 'tcp' || !to.startsWith('echo')) continue;
    found.rate += rate;
    errors += rate * share;
  }
  found.errorShare = found.rate > 0 ? errors / found.rate : 0;
  return found;
}

/**
 * The graph's rate and share of errors, from the agent's own scrape of the real waypoint's native metrics, beside what
 * the client counted. No figure when the graph shows none: the account says what it shows instead.
 */
export async function measureRates(ground: Ground, say: (line: string) => void): Promise<Figure[]> {
  const { caller } = ground;
  await caller.startLoad('rates', perSecond, { url, timeoutMs: 10_000 });
  let graph = await seen(ground);
  try {
    await until(async () => {
      graph = await seen(ground);
      return graph.rate > perSecond / 2;
    }, waitS);
    // The window has to hold nothing but this load.
    await pause(graph.windowS * 1000);
    graph = await seen(ground);
  } catch (error) {
    say(`the graph shows no such rate: ${String(error)}`);
  }
  const counted = await caller.stopLoad('rates');
  const rate = counted.answered / counted.seconds;
  const errorShare = (counted.statuses['500'] ?? 0) / counted.answered;
  say(`the client: ${rate.toFixed(2)}/s, ${(errorShare * 100).toFixed(2)} % errors`);
  say(
    `the graph: ${graph.rate.toFixed(2)}/s, ${(graph.errorShare * 100).toFixed(2)} % errors (${graph.edges.join('; ')})`,
  );
  if (graph.rate === 0) return [];
  return [
    figure('rate_error_percent', (Math.abs(graph.rate - rate) / rate) * 100, '%'),
    figure(
      'error_share_error_percent',
      (Math.abs(graph.errorShare - errorShare) / errorShare) * 100,
      '%',
    ),
  ];
}
