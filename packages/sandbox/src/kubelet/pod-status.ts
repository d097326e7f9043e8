import { createHash } from 'node:crypto';
import { condition, timestamp } from '../controllers/common.ts';
import type {
  Container,
  ContainerState,
  ContainerStatus,
  Condition,
  Pod,
  PodStatus,
} from '../objects.ts';
import { pullProblem } from './images.ts';
import { isSidecar, type Run, type Runtime } from './runtime.ts';

const at = (ms: number): string => timestamp(new Date(ms));

/** The status a kubelet reports for a pod whose containers are so. */
export function podStatusOf(pod: Pod, runtime: Runtime, hostIp: string, nowMs: number): PodStatus {
  const { runs } = runtime;
  const init = pod.spec.initContainers ?? [];
  const initialized = init.every((container) => {
    const run = runs[container.name];
    return isSidecar(container) ? run?.state === 'running' : run?.exit?.code === 0;
  });
  const main = pod.spec.containers;
  const serving = [...init.filter(isSidecar), ...main];
  const isWaiting = ({ name }: Container): boolean =>
    !runs[name] || (!['running', 'exited'].includes(runs[name].state) && runs[name].restarts === 0);
  const restarts = (pod.spec.restartPolicy ?? 'Always') === 'Always';
  const allExited = main.every(({ name }) => runs[name]?.state === 'exited');
  const failed = main.some(({ name }) => (runs[name]?.exit?.code ?? 0) !== 0);
  const over = !restarts && allExited && (!failed || pod.spec.restartPolicy === 'Never');
  const phase = over
    ? failed
      ? 'Failed'
      : 'Succeeded'
    : !initialized || main.some(isWaiting)
      ? 'Pending'
      : 'Running';
  const unready = serving.filter(({ name }) => !runs[name]?.ready).map(({ name }) => name);
  const ready = phase === 'Running' && unready.length === 0;
  const before = pod.status?.conditions;
  const set = (type: string, is: boolean, reason = '', message = ''): Condition =>
    condition(
      before,
      { type, status: is ? 'True' : 'False', ...(is || reason === '' ? {} : { reason, message }) },
      new Date(nowMs),
    );
  const notReady = over ? 'PodCompleted' : 'ContainersNotReady';
  const message = over ? '' : `containers with unready status: [${unready.join(' ')}]`;
  return {
    phase,
    startTime: at(runtime.beganMs),
    podIP: runtime.ip,
    podIPs: [{ ip: runtime.ip }],
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    qosClass: 'Burstable',
    conditions: [
      set('PodReadyToStartContainers', !over),
      set(
        'Initialized',
        initialized,
        'ContainersNotInitialized',
        'init containers are not complete',
      ),
      set('Ready', ready, notReady, message),
      set('ContainersReady', ready, notReady, message),
      set('PodScheduled', true),
    ],
    ...(init.length > 0
      ? {
          initContainerStatuses: init.map((container) =>
            statusOf(container, runs[container.name], pod, nowMs, true),
          ),
        }
      : {}),
    containerStatuses: main.map((container) =>
      statusOf(container, runs[container.name], pod, nowMs, initialized),
    ),
  };
}

function statusOf(
  container: Container,
  run: Run | undefined,
  pod: Pod,
  nowMs: number,
  open: boolean,
): ContainerStatus {
  const { name, image } = container;
  const begun = run !== undefined && (run.state === 'running' || run.exit !== undefined);
  const id = createHash('sha256')
    .update(`${pod.metadata.uid}/${name}/${run?.restarts ?? 0}`)
    .digest('hex');
  const restarting = run !== undefined && run.state !== 'exited' && run.exit !== undefined;
  const isInit = pod.spec.initContainers?.includes(container) && !isSidecar(container);
  return {
    name,
    image,
    imageID: begun ? `simulated://${createHash('sha256').update(image).digest('hex')}` : '',
    ...(begun ? { containerID: `simulated://${id}` } : {}),
    ready: isInit ? run?.exit?.code === 0 : (run?.ready ?? false),
    started: run?.state === 'running',
    restartCount: run?.restarts ?? 0,
    state: stateOf(container, run, pod, nowMs, open),
    lastState: restarting ? terminated(run) : {},
  };
}

function terminated(run: Run): ContainerState {
  const { code, startedMs, endedMs } = run.exit!;
  return {
    terminated: {
      exitCode: code,
      reason: code === 0 ? 'Completed' : 'Error',
      startedAt: at(startedMs),
      finishedAt: at(endedMs),
    },
  };
}

function stateOf(
  { name, image }: Container,
  run: Run | undefined,
  pod: Pod,
  nowMs: number,
  open: boolean,
): ContainerState {
  const waiting = (reason: string, message?: string): ContainerState => ({
    waiting: { reason, ...(message === undefined ? {} : { message }) },
  });
  if (run === undefined || run.state === 'created') {
    return waiting(open ? 'ContainerCreating' : 'PodInitializing');
  }
  switch (run.state) {
    case 'running':
      return { running: { startedAt: at(run.sinceMs) } };
    case 'refused':
      return nowMs < run.sinceMs + 1_000
        ? waiting('ErrImagePull', pullProblem(image) ?? '')
        : waiting(
            'ImagePullBackOff',
            `Back-off pulling image "${image}": ${pullProblem(image) ?? ''}`,
          );
    case 'pulling':
      if (run.refusals > 0) return waiting('ErrImagePull', pullProblem(image) ?? '');
      return run.exit ? terminated(run) : waiting('ContainerCreating');
    case 'exited': {
      const serves = (pod.spec.restartPolicy ?? 'Always') === 'Always' && run.exit?.code !== 0;
      const isInit = pod.spec.initContainers?.some((one) => one.name === name);
      if (!serves || isInit) return terminated(run);
      return waiting(
        'CrashLoopBackOff',
        `back-off restarting failed container ${name} (simulated)`,
      );
    }
  }
}
