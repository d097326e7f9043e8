import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { AdmissionSettings } from '@ambit/contracts/agent/admission';
import type { Cluster } from '../../kube/objects.ts';
import type { Serve } from './in-thread.ts';
import { makeAdmission } from './manager.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settings = (more: Partial<AdmissionSettings> = {}): AdmissionSettings => ({
  mode: 'deny',
  rules: {},
  suppressions: [],
  alone: true,
  meshConfig: {},
  ...more,
});

/** Admissions that serve until they are stopped or broken by the test. */
function start() {
  const runs: { settings: AdmissionSettings[]; isStopped: boolean; fail(): void }[] = [];
  const said: string[] = [];
  const serve: Serve = async (_, first) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const run = {
      settings: [first],
      isStopped: false,
      fail: () => reject(new Error('it fell over')),
    };
    runs.push(run);
    return {
      tell: (next) => void run.settings.push(next),
      stop: () => {
        run.isStopped = true;
        resolve();
      },
      ended: promise,
    };
  };
  const admission = makeAdmission(
    {
      cluster: {} as Cluster,
      place: { namespace: 'ambit-system', port: 0 },
      nowMs: () => 0,
      say: (_level, message) => said.push(message),
    },
    serve,
  );
  return { admission, runs, said };
}

it('tells the one that serves of other modes, and starts another for another mesh configuration', async () => {
  const { admission, runs } = start();
  admission.want(settings());
  await vi.advanceTimersByTimeAsync(1);
  admission.want(settings({ mode: 'warn' }));
  await vi.advanceTimersByTimeAsync(1);
  expect(runs.map((run) => run.settings.map(({ mode }) => mode))).toEqual([['deny', 'warn']]);
  admission.want(settings({ meshConfig: { rootNamespace: 'mesh' } }));
  await vi.advanceTimersByTimeAsync(1);
  expect(runs.map(({ isStopped }) => isStopped)).toEqual([true, false]);
  await admission.stop();
  expect(runs.map(({ isStopped }) => isStopped)).toEqual([true, true]);
});

it('serves again, with the settings of now, after it ended by itself', async () => {
  const { admission, runs, said } = start();
  admission.want(settings());
  await vi.advanceTimersByTimeAsync(1);
  admission.want(settings({ mode: 'warn' }));
  runs[0]!.fail();
  await vi.advanceTimersByTimeAsync(6_000);
  expect(said).toEqual(['admission: it cannot be served: Error: it fell over']);
  expect(runs[1]?.settings.map(({ mode }) => mode)).toEqual(['warn']);
  await admission.stop();
});
