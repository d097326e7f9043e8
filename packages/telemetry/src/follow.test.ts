import { istioLabels, tellRound } from '@ambit/topology/testing/labels';
import { createTelemetryStore, type TelemetryStore } from '@ambit/topology/store/telemetry-store';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { follow, sharesOf } from './follow.ts';
import type { Round, RoundOptions, TelemetrySource } from './source.ts';

test('shares hold every namespace once, and one more share all that is not known yet', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ maxLength: 5 }), fc.integer({ min: 1, max: 500 }), { maxKeys: 30 }),
      fc.integer({ min: 1, max: 400 }),
      (counts, linksEach) => {
        const shares = sharesOf(new Map(Object.entries(counts)), linksEach);
        if (shares.length === 0) return;
        const last = shares.at(-1)!;
        const only = shares.flatMap((share) => ('only' in share ? share.only : []));
        expect(new Set(only).size).toBe(only.length);
        expect(new Set(only)).toEqual(new Set('except' in last ? last.except : []));
        for (const name of Object.keys(counts)) expect(only).toContain(name);
        expect(shares.slice(0, -1).every((share) => 'only' in share && share.only.length > 0)).toBe(
          true,
        );
      },
    ),
  );
});

const rates = Array.from({ length: 20 }, (_, at) => ({
  metric: 'requests' as const,
  labels: istioLabels({ reporter: 'source', from: 'a', to: 'b', namespace: `n${at}` }),
  rate: 1,
}));

/** A source that remembers what it was asked, and fails when it is told to. */
function recording(failsAt: (round: number) => boolean) {
  const asked: RoundOptions[] = [];
  const source: TelemetrySource = {
    round: (store: TelemetryStore, { signal: _signal, ...options } = {}) => {
      const failed = failsAt(asked.length);
      asked.push(options);
      const changed = failed ? [] : tellRound(store, rates);
      const round: Round = {
        state: failed ? 'failed' : 'ok',
        problems: [],
        at: 0,
        windowS: 60,
        changed,
        asked: 1,
        bytes: 0,
        rows: 0,
        dropped: 0,
      };
      return Promise.resolve(round);
    },
    reporting: () => Promise.resolve(new Set()),
    close: () => undefined,
  };
  return { source, asked };
}

/** Follows until so many rounds were asked. @returns what was asked, and how long was waited after each */
async function followFor(rounds: number, failsAt: (round: number) => boolean, linksEach: number) {
  const { source, asked } = recording(failsAt);
  const waits: number[] = [];
  const enough = Promise.withResolvers<void>();
  const follower = follow({
    source,
    store: createTelemetryStore('c1'),
    onRound: () => undefined,
    everyMs: 12_000,
    linksEach,
    wait: (ms) => {
      waits.push(ms);
      if (waits.length >= rounds) enough.resolve();
      return new Promise((resolve) => setImmediate(resolve));
    },
  });
  await enough.promise;
  await follower.stop();
  return { asked: asked.slice(0, rounds), waits: waits.slice(0, rounds) };
}

test('a large mesh is asked for whole, then for names, then share by share within the interval', async () => {
  const { asked, waits } = await followFor(7, () => false, 5);
  expect(asked.slice(0, 2)).toEqual([{ names: false }, { names: true }]);
  expect(asked.slice(2, 7).map(({ scope }) => scope && Object.keys(scope)[0])).toEqual([
    'only',
    'only',
    'only',
    'only',
    'except',
  ]);
  expect(waits.slice(2)).toEqual([2400, 2400, 2400, 2400, 2400]);
});

test('a small mesh is asked for whole each time', async () => {
  const { asked } = await followFor(4, () => false, 100);
  expect(asked.every(({ scope }) => scope === undefined)).toBe(true);
});

test('a source that fails is asked ever less often, and whole when it answers again', async () => {
  const { asked, waits } = await followFor(10, (round) => round >= 3 && round < 8, 5);
  expect(asked.slice(4, 9).every(({ scope }) => scope === undefined)).toBe(true);
  expect(waits.slice(4, 9)).toEqual([48_000, 96_000, 192_000, 300_000, 12_000]);
});
