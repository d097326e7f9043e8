import type { Container, ContainerStatus, Pod } from '../objects.ts';

/** What is told of a pod, as Kubernetes' own components tell it. */
export interface Happening {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  component: 'default-scheduler' | 'kubelet';
}

const say = (
  type: Happening['type'],
  reason: string,
  message: string,
  component: Happening['component'] = 'kubelet',
): Happening => ({ type, reason, message, component });

/**
 * What happened to a pod between two states of it: scheduling, and the life of its containers. Pure. The reasons are
 * those of kube-scheduler and kubelet; a message says where only a simulation stands behind it.
 */
export function podEvents(before: Pod, after: Pod): Happening[] {
  return [...scheduling(before, after), ...ending(before, after), ...containers(before, after)];
}

function scheduling(before: Pod, after: Pod): Happening[] {
  const { namespace = '', name } = after.metadata;
  const { nodeName } = after.spec;
  if (nodeName !== undefined && before.spec.nodeName === undefined) {
    const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
    return [say('Normal', 'Scheduled', message, 'default-scheduler')];
  }
  const refusal = unscheduled(after);
  return refusal !== undefined && refusal !== unscheduled(before)
    ? [say('Warning', 'FailedScheduling', refusal, 'default-scheduler')]
    : [];
}

const unscheduled = ({ status }: Pod): string | undefined =>
  status?.conditions?.find(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable',
  )?.message;

function ending(before: Pod, after: Pod): Happening[] {
  if (!after.metadata.deletionTimestamp || before.metadata.deletionTimestamp) return [];
  return statuses(after)
    .filter(({ state }) => state.running !== undefined)
    .map(({ name }) => say('Normal', 'Killing', `Stopping container ${name}`));
}

function containers(before: Pod, after: Pod): Happening[] {
  const earlier = new Map(statuses(before).map((status) => [status.name, status]));
  return statuses(after).flatMap((status) => changes(earlier.get(status.name), status, after));
}

function changes(
  before: ContainerStatus | undefined,
  after: ContainerStatus,
  pod: Pod,
): Happening[] {
  const { name, image, state } = after;
  if (state.running && (!before?.state.running || before.restartCount !== after.restartCount)) {
    return [
      say('Normal', 'Pulled', `Container image "${image}" counts as pulled (simulated)`),
      say('Normal', 'Created', `Created container: ${name}`),
      say('Normal', 'Started', `Started container ${name}`),
    ];
  }
  const reason = state.waiting?.reason;
  if (reason === undefined || reason === before?.state.waiting?.reason) return [];
  switch (reason) {
    case 'ContainerCreating':
      return [say('Normal', 'Pulling', `Pulling image "${image}" (simulated)`)];
    case 'ErrImagePull':
      return [
        say(
          'Warning',
          'Failed',
          `Failed to pull image "${image}": ${state.waiting?.message ?? ''}`,
        ),
        say('Warning', 'Failed', 'Error: ErrImagePull'),
      ];
    case 'ImagePullBackOff':
      return [
        say('Normal', 'BackOff', `Back-off pulling image "${image}"`),
        say('Warning', 'Failed', 'Error: ImagePullBackOff'),
      ];
    case 'CrashLoopBackOff': {
      const message = `Back-off restarting failed container ${name} in pod ${pod.metadata.name}`;
      return [say('Warning', 'BackOff', message)];
    }
    default:
      return [];
  }
}

const statuses = ({ status }: Pod): ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

/** The field a container stands at, as an event names what it is about. */
export function fieldPathOf(pod: Pod, message: string): string | undefined {
  const named = (list: Container[] | undefined, field: string): string | undefined => {
    const found = list?.find(({ name, image }) =>
      [`container ${name}`, `container: ${name}`, `image "${image}"`].some((text) =>
        message.includes(text),
      ),
    );
    return found && `${field}{${found.name}}`;
  };
  return (
    named(pod.spec.containers, 'spec.containers') ??
    named(pod.spec.initContainers, 'spec.initContainers')
  );
}
