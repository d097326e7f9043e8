import { logsAnswerSchema, readEventSchema } from '@ambit/contracts/agent/reads';
import { proxyEvents, proxyLogs, proxyRequests } from '@ambit/contracts/operations/proxy';
import { z } from 'zod';
import { readThroughAgent } from '../agent-reads/ask.ts';
import { implementOutside } from '../kernel/implement.ts';
import { readableCluster } from './find.ts';
import { routesAsked } from './routes-asked.ts';

const json = (body: Buffer): unknown => JSON.parse(body.toString('utf8'));

export const getProxyLogs = implementOutside(
  proxyLogs,
  (context, input) => readableCluster(context, input, `the log of ${input.pod}`),
  async (outside, input, cluster) => {
    const { namespace, pod, cursor, since, lines, waitSeconds } = input;
    const words = input.filter.split(/\s+/).filter(Boolean).slice(0, 10);
    const { body } = await readThroughAgent(
      outside,
      cluster.id,
      {
        kind: 'logs',
        namespace,
        pod,
        words,
        lines,
        waitMs: waitSeconds * 1000,
        previous: input.previous === 'true',
        ...(cursor === undefined ? {} : { after: cursor }),
        ...(since === undefined ? {} : { since }),
      },
      { timeoutMs: waitSeconds * 1000 + 15_000 },
    );
    const answer = logsAnswerSchema.parse(json(body));
    return {
      items: answer.lines,
      cursor: answer.cursor,
      more: answer.more,
      simulated: cluster.simulated,
    };
  },
);

export const getProxyRequests = implementOutside(
  proxyRequests,
  (context, input) => readableCluster(context, input, `the log of ${input.pod}`),
  async (outside, { namespace, pod, lines, limit }, cluster) => {
    const { body } = await readThroughAgent(outside, cluster.id, {
      kind: 'logs',
      namespace,
      pod,
      words: [],
      lines,
      waitMs: 0,
      previous: false,
    });
    const { routes, ...asked } = routesAsked(logsAnswerSchema.parse(json(body)).lines, limit);
    return { ...asked, items: routes, simulated: cluster.simulated };
  },
);

export const getEvents = implementOutside(
  proxyEvents,
  (context, input) => readableCluster(context, input, `events of ${input.kind} ${input.name}`),
  async (outside, { namespace, kind, name }, cluster) => {
    const { body } = await readThroughAgent(outside, cluster.id, {
      kind: 'events',
      namespace,
      objectKind: kind,
      name,
    });
    return { items: z.array(readEventSchema).parse(json(body)), simulated: cluster.simulated };
  },
);
