import { setTimeout as pause } from 'node:timers/promises';
import type { Caller, LoadFigures } from '@ambit/lab/testing/caller';
import { until, type Ground } from '../waypoint/ground.ts';
import { toldOf } from './edges.ts';
import { counted, urlOf } from './objects.ts';

const good = 12;
const bad = 4;
const windowS = 60;
const limitPercent = 5;
const waitS = 300;
/** What the rounding of a loaded machine's scrapes may move a still rate by. */
const stillPercent = 4;

export interface Apart {
  ratePercent: number;
  errorSharePercent: number;
}

export interface Compared {
  caller: Caller;
  namespace: string;
  /** Whether who asks is known: Envoy's own counters of a waypoint do not say. */
  isNamed?: boolean;
}

/**
 * The graph's rate and share of failures beside what the client counted in the same minute, which begins once the graph
 * names the client (where it can) and its rate holds still. Throws when one is more than 5 % of the client's apart.
 */
export async function compareRates(
  ground: Ground,
  { caller, namespace, isNamed = true }: Compared,
  say: (line: string) => void,
): Promise<Apart> {
  const url = urlOf(namespace, counted);
  const names = ['good', 'bad'];
  await caller.startLoad('good', good, { url, timeoutMs: 10_000 });
  await caller.startLoad('bad', bad, { url: `${url}?codes=503`, timeoutMs: 10_000 });
  const look = () => Promise.all(names.map((name) => caller.lookAtLoad(name)));
  let shown = '';
  try {
    let rate = 0;
    let stillSinceMs = Number.POSITIVE_INFINITY;
    await until(async () => {
      const told = await toldOf(ground, namespace, counted);
      shown = told.edges.map(({ source, rate: of }) => `${source} ${of.toFixed(1)}/s`).join('; ');
      const named =
        told.edges.length > 0 &&
        told.edges.every(({ source }) => source.endsWith(isNamed ? `/${namespace}/client` : ''));
      if (!named || !(percent(told.rate, rate) <= stillPercent)) {
        rate = named ? told.rate : 0;
        stillSinceMs = named ? performance.now() : Number.POSITIVE_INFINITY;
      }
      await pause(900);
      return performance.now() - stillSinceMs > 15_000;
    }, waitS).catch((error: unknown) => {
      throw new Error(`the graph shows no still rate of ${namespace}/client: "${shown}"`, {
        cause: error,
      });
    });
    const before = await look();
    await pause(windowS * 1000);
    const after = await look();
    const told = await toldOf(ground, namespace, counted);
    const own = between(before, after);
    const apart = {
      ratePercent: percent(told.rate, own.rate),
      errorSharePercent: percent(told.errorShare, own.errorShare),
    };
    say(
      `${namespace}: the client ${own.rate.toFixed(2)}/s, ${(own.errorShare * 100).toFixed(2)} % errors; ` +
        `the graph ${told.rate.toFixed(2)}/s, ${(told.errorShare * 100).toFixed(2)} % errors (over ${told.windowS} s)`,
    );
    if (!(Math.max(apart.ratePercent, apart.errorSharePercent) <= limitPercent)) {
      throw new Error(
        `${namespace}: the graph is more than ${limitPercent} % from what the client counted (${JSON.stringify(apart)})`,
      );
    }
    return apart;
  } finally {
    await Promise.all(names.map((name) => caller.stopLoad(name).catch(() => undefined)));
  }
}

const percent = (told: number, own: number): number => (Math.abs(told - own) / own) * 100;

function between(before: readonly LoadFigures[], after: readonly LoadFigures[]) {
  let rate = 0;
  let failing = 0;
  for (const [at, { sent, lost, seconds }] of after.entries()) {
    const earlier = before[at]!;
    rate += (sent - earlier.sent) / (seconds - earlier.seconds);
    failing += (lost - earlier.lost) / (seconds - earlier.seconds);
  }
  return { rate, errorShare: failing / rate };
}
