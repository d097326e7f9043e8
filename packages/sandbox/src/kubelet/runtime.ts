import type { Container, Pod } from '../objects.ts';
import { pullProblem } from './images.ts';

/** One container as the simulated runtime of a node knows it. */
export interface Run {
  state: 'created' | 'pulling' | 'refused' | 'running' | 'exited';
  /** When it came into this state, in milliseconds since 1970. */
  sinceMs: number;
  restarts: number;
  refusals: number;
  ready: boolean;
  exit?: { code: number; startedMs: number; endedMs: number };
}

export interface Runtime {
  ip: string;
  beganMs: number;
  runs: Record<string, Run>;
  stoppingMs?: number;
  stopped: boolean;
}

/** How long things take. */
export interface Pace {
  pullMs: number;
  initMs: number;
  readyMs: number;
  stopMs: number;
  jobMs: number;
  restartMs: number;
}

export const usualPace: Pace = {
  pullMs: 400,
  initMs: 150,
  readyMs: 300,
  stopMs: 500,
  jobMs: 1_000,
  restartMs: 10_000,
};

export interface Surroundings {
  pace: Pace;
  hasImage: (image: string) => boolean;
  /** A proxy is ready only once its control plane has answered it. */
  mayBeReady: (pod: Pod, container: Container) => boolean;
}

/** Longest pause between two tries of a container (kubelet: five minutes). */
const longestPauseMs = 300_000;
const longestProbeDelayMs = 3_000;

const fresh = (nowMs: number): Run => ({
  state: 'created',
  sinceMs: nowMs,
  restarts: 0,
  refusals: 0,
  ready: false,
});

export const beginRuntime = (pod: Pod, ip: string, nowMs: number): Runtime => ({
  ip,
  beganMs: nowMs,
  stopped: false,
  runs: Object.fromEntries(allContainers(pod).map(({ name }) => [name, fresh(nowMs)])),
});

export const allContainers = ({ spec }: Pod): Container[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
];

export const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always';

/** Brings the containers of a pod as far as they are by now, and says when they go on. */
export function advance(
  before: Runtime,
  pod: Pod,
  nowMs: number,
  around: Surroundings,
): { runtime: Runtime; againMs?: number } {
  const runtime: Runtime = { ...before, runs: { ...before.runs } };
  let nextMs = Infinity;
  const wait = (untilMs: number): void => {
    nextMs = Math.min(nextMs, untilMs);
  };
  if (pod.metadata.deletionTimestamp !== undefined) {
    runtime.stoppingMs ??= nowMs;
    const graceMs = (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
    const endMs = runtime.stoppingMs + Math.min(graceMs, around.pace.stopMs);
    runtime.stopped = nowMs >= endMs;
    return runtime.stopped ? { runtime } : { runtime, againMs: endMs - nowMs };
  }
  const policy = pod.spec.restartPolicy ?? 'Always';
  let open = true;
  for (const container of pod.spec.initContainers ?? []) {
    if (!open) break;
    const run = step(container, isSidecar(container) ? 'serve' : 'finish', around.pace.initMs);
    open = isSidecar(container)
      ? run.state === 'running'
      : run.state === 'exited' && run.exit?.code === 0;
  }
  if (open) {
    for (const container of pod.spec.containers) {
      step(container, policy === 'Always' ? 'serve' : 'finish', around.pace.jobMs);
    }
  }
  return { runtime, ...(nextMs === Infinity ? {} : { againMs: Math.max(1, nextMs - nowMs) }) };

  function step(container: Container, purpose: 'serve' | 'finish', lastsMs: number): Run {
    let run = runtime.runs[container.name] ?? fresh(nowMs);
    for (let next: Run | undefined = run; next; next = change(run, container, purpose, lastsMs)) {
      run = next;
    }
    runtime.runs[container.name] = run;
    return run;
  }

  /** The next state, when the present one is over by now. */
  function change(
    run: Run,
    container: Container,
    purpose: 'serve' | 'finish',
    lastsMs: number,
  ): Run | undefined {
    const { pace } = around;
    switch (run.state) {
      case 'created':
        return { ...run, state: 'pulling', sinceMs: nowMs };
      case 'pulling': {
        const endMs = run.sinceMs + (around.hasImage(container.image) ? 0 : pace.pullMs);
        if (nowMs < endMs) return void wait(endMs);
        if (pullProblem(container.image) === null) {
          return { ...run, state: 'running', sinceMs: nowMs, ready: false };
        }
        return { ...run, state: 'refused', sinceMs: nowMs, refusals: run.refusals + 1 };
      }
      case 'refused': {
        // After a second it is told as a back-off; then it is tried again.
        const pauseMs = Math.min(longestPauseMs, pace.restartMs * 2 ** (run.refusals - 1));
        if (nowMs < run.sinceMs + 1_000) return void wait(run.sinceMs + 1_000);
        if (nowMs < run.sinceMs + pauseMs) return void wait(run.sinceMs + pauseMs);
        return { ...run, state: 'pulling', sinceMs: nowMs };
      }
      case 'running': {
        if (purpose === 'finish') {
          const endMs = run.sinceMs + lastsMs;
          if (nowMs < endMs) return void wait(endMs);
          const code = Number(pod.metadata.annotations?.['sandbox.ambit.dev/exit-code'] ?? 0);
          return exited(run, code, nowMs);
        }
        if (run.ready) return undefined;
        const delayMs = (container.readinessProbe?.initialDelaySeconds ?? 0) * 1000;
        const readyAtMs =
          run.sinceMs + Math.max(pace.readyMs, Math.min(delayMs, longestProbeDelayMs));
        if (nowMs < readyAtMs) return void wait(readyAtMs);
        if (!around.mayBeReady(pod, container)) return void wait(nowMs + 500);
        return { ...run, ready: true };
      }
      case 'exited': {
        const again = purpose === 'serve' || (policy === 'OnFailure' && run.exit?.code !== 0);
        if (!again) return undefined;
        const pauseMs = Math.min(longestPauseMs, pace.restartMs * 2 ** run.restarts);
        if (nowMs < run.sinceMs + pauseMs) return void wait(run.sinceMs + pauseMs);
        return { ...run, state: 'pulling', sinceMs: nowMs, restarts: run.restarts + 1 };
      }
    }
  }
}

const exited = (run: Run, code: number, nowMs: number): Run => ({
  ...run,
  state: 'exited',
  sinceMs: nowMs,
  ready: false,
  exit: { code, startedMs: run.sinceMs, endedMs: nowMs },
});

/** Every application container of a pod ends with an error now, and is started again after a pause. */
export function crash(runtime: Runtime, pod: Pod, nowMs: number): Runtime {
  const runs = { ...runtime.runs };
  for (const { name } of pod.spec.containers) {
    const run = runs[name];
    if (run?.state === 'running') runs[name] = exited(run, 1, nowMs);
  }
  return { ...runtime, runs };
}

/** The runtime of a pod that was running before the sandbox was started again, from its status. */
export function resumeRuntime(pod: Pod, nowMs: number): Runtime | undefined {
  const { status } = pod;
  if (status?.podIP === undefined) return undefined;
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const runs = Object.fromEntries(
    statuses.map(({ name, state, ready, restartCount }): [string, Run] => {
      const base = { ...fresh(nowMs), restarts: restartCount };
      if (state.running) {
        return [
          name,
          { ...base, state: 'running', ready, sinceMs: Date.parse(state.running.startedAt) },
        ];
      }
      if (!state.terminated) return [name, base];
      const { exitCode: code, startedAt, finishedAt } = state.terminated;
      const exit = { code, startedMs: Date.parse(startedAt), endedMs: Date.parse(finishedAt) };
      return [name, { ...base, state: 'exited', sinceMs: exit.endedMs, exit }];
    }),
  );
  return {
    ip: status.podIP,
    beganMs: Date.parse(status.startTime ?? '') || nowMs,
    runs,
    stopped: false,
  };
}
