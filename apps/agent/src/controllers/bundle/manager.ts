import type { BundleStatus, DesiredState } from '@ambit/contracts/agent/protocol';
import type { Cluster } from '../../kube/objects.ts';
import type { LogLevel } from './pass.ts';
import { startRunner, type Runner, type RunnerInput, type WantedBundle } from './runner.ts';
import { makeFlapping } from './flapping.ts';
import { makeSeen } from './seen.ts';
import { makeStatus } from './status.ts';

export interface BundleManager {
  want(bundles: DesiredState['bundles']): Promise<void>;
  statuses(): BundleStatus[];
  stop(): Promise<void>;
}

export interface ManagerInput {
  cluster: Cluster;
  namespace: string;
  pruneCapPercent: number;
  pollMs: number;
  load: RunnerInput['load'];
  log(bundle: string, level: LogLevel, text: string): void;
  changed(): void;
  timing?: Pick<RunnerInput, 'compareEveryMs' | 'healthEveryMs' | 'firstRetryMs'>;
}

/** Runs every wanted bundle; one of a lower order first, the first time, and removal the other way round. */
export function startBundles(input: ManagerInput): BundleManager {
  const runners = new Map<string, Runner>();
  let wanted: WantedBundle[] = [];

  const blockedBy = (bundle: WantedBundle): string | null => {
    const others = wanted.filter(({ name }) => name !== bundle.name);
    if (bundle.mode === 'absent') {
      const later = others.find(
        ({ name, order, mode }) =>
          order > bundle.order &&
          mode === 'absent' &&
          runners.get(name)?.status().state !== 'Removed',
      );
      return later ? `waits until ${later.name} is removed` : null;
    }
    const earlier = others.find(
      ({ name, order, mode }) =>
        order < bundle.order && mode === 'present' && !runners.get(name)?.applied(),
    );
    return earlier ? `waits until ${earlier.name} is applied` : null;
  };

  const start = (name: string): Runner => {
    const status = makeStatus(name, input.changed);
    return startRunner({
      name,
      load: input.load,
      blockedBy,
      settled: () => {
        for (const runner of runners.values()) runner.poke();
      },
      context: {
        cluster: input.cluster,
        namespace: input.namespace,
        status,
        seen: makeSeen(),
        flapping: makeFlapping(),
        log: (level, text) => input.log(name, level, text),
        pruneCapPercent: input.pruneCapPercent,
        pollMs: input.pollMs,
      },
      ...input.timing,
    });
  };

  return {
    want: async (bundles) => {
      wanted = bundles;
      const names = new Set(bundles.map(({ name }) => name));
      const dropped = [...runners].filter(([name]) => !names.has(name));
      for (const [name] of dropped) runners.delete(name);
      for (const bundle of [...bundles].sort((a, b) => a.order - b.order)) {
        let runner = runners.get(bundle.name);
        if (!runner) runners.set(bundle.name, (runner = start(bundle.name)));
        runner.want(bundle);
      }
      for (const runner of runners.values()) runner.poke();
      await Promise.all(dropped.map(([, runner]) => runner.stop()));
      if (dropped.length > 0) input.changed();
    },
    statuses: () =>
      wanted.flatMap(({ name }) => {
        const runner = runners.get(name);
        return runner ? [runner.status()] : [];
      }),
    stop: async () => {
      await Promise.all([...runners.values()].map((runner) => runner.stop()));
    },
  };
}
