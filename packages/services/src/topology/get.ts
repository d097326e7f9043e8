import { topologyGet } from '@ambit/contracts/operations/topology';
import { invalid } from '../kernel/errors.ts';
import { implementOutside } from '../kernel/implement.ts';
import { requireMesh } from '../mesh/lock.ts';
import { momentOf } from './past.ts';
import { paceOf } from './pace.ts';
import { residentOf } from './residents.ts';
import type { ViewOptions } from '@ambit/topology/view/options';
import type { TopologySource } from '@ambit/contracts/operations/topology';

const startingAgainMs = 1_000;

const optionsOf = (input: {
  group: ViewOptions['by'];
  ambient: ViewOptions['ambient'];
  services: 'true' | 'false';
  idle: 'true' | 'false';
}): ViewOptions => ({
  by: input.group,
  ambient: input.ambient,
  services: input.services === 'true',
  idle: input.idle === 'true',
});

export const getTopology = implementOutside(
  topologyGet,
  async ({ tx, now }, { meshId, at }) => {
    await requireMesh(tx, meshId);
    if (at !== undefined && new Date(at) > now) {
      throw invalid('that moment is not there yet', [
        { path: 'at', message: `it is ${now.toISOString()} now; leave it out to see now` },
      ]);
    }
  },
  async ({ platform, organisationId }, input) => {
    const { meshId, at, base } = input;
    const options = optionsOf(input);
    const { budgetMs, pastBudgetMs, everyMs } = paceOf(platform);
    if (at !== undefined) {
      const moment = await momentOf(platform, organisationId, meshId, new Date(at), pastBudgetMs);
      const { sources, oldestMs, dropped } = moment;
      const graph = moment.message(options);
      const isEmpty = graph.edges.source.length === 0;
      return {
        meshId,
        graph,
        sources,
        ...standOf(sources, 'past', isEmpty),
        asOf: timeOf(oldestMs),
        retryMs: null,
        dropped,
      };
    }
    const resident = await residentOf(platform, organisationId, meshId);
    const shown = resident.shown(options);
    await resident.ready(budgetMs);
    const { sources, atMs, windowS, oldestMs, dropped } = resident.state();
    const graph = shown.message({ at: atMs, windowS }, base);
    const stand = standOf(sources, 'live', false);
    const isBeginning = sources.some(
      ({ state, problems }) => state === 'pending' && problems.length === 0,
    );
    return {
      meshId,
      graph,
      sources,
      ...stand,
      asOf: timeOf(oldestMs),
      retryMs: isBeginning ? startingAgainMs : everyMs,
      dropped,
    };
  },
);

const timeOf = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();

/** What the sources' states are together, and what to say about it. */
function standOf(
  sources: readonly TopologySource[],
  when: 'live' | 'past',
  isEmpty: boolean,
): { state: 'live' | 'starting' | 'past' | 'noSource' | 'failed'; message: string } {
  if (sources.length === 0) {
    return {
      state: 'noSource',
      message:
        'Nobody tells of traffic in this mesh: connect a Prometheus under Integrations, or let the agents scrape the proxies (setting "telemetry" of the mesh).',
    };
  }
  const bad = sources.filter(({ state }) => state === 'failed' || state === 'partial');
  if (sources.every(({ state }) => state === 'failed')) {
    return { state: 'failed', message: `No source answers. ${sentence(sources)}` };
  }
  if (sources.every(({ state }) => state === 'pending' || state === 'failed')) {
    const known = sources.flatMap(({ problems }) => problems);
    return {
      state: 'starting',
      message: known.length > 0 ? known.join(' ') : 'Sources are being asked for the first time.',
    };
  }
  const late = sources.filter(({ state }) => state === 'pending');
  const told = [
    ...(bad.length > 0 ? [`Some is missing or old. ${sentence(bad)}`] : []),
    ...(late.length > 0 ? [`Not answered yet: ${late.map(({ name }) => name).join(', ')}.`] : []),
    ...(isEmpty ? ['The sources know of no traffic at that moment.'] : []),
  ];
  return { state: when, message: told.join(' ') };
}

const sentence = (sources: readonly TopologySource[]): string =>
  sources.map(({ name, problems }) => `${name}: ${problems[0] ?? 'no answer.'}`).join(' ');
