import { counted } from '@ambit/contracts/words';
import type {
  EnrolledPod,
  EnrolmentLevel,
  EnrolmentState,
  EnrolmentSubject,
} from '@ambit/contracts/operations/enrolment';
import type { ClusterFacts, PodFact } from './facts.ts';
import { isBehind, isGatewaysOwn, roleOf, servicesOf, systemNamespaces } from './facts.ts';
import { commonMode, judgePod } from './truth.ts';
import { wantedOfNamespace, wantedOfPod, wantedOfService, type Wanted } from './wanted.ts';
import { waypointOfService, type WaypointUse } from './waypoint.ts';

export interface ClusterName {
  clusterId: string;
  clusterName: string;
}

export interface Enrolled {
  subject: EnrolmentSubject;
  pods: EnrolledPod[];
}

interface Judged {
  pod: PodFact;
  verdict: EnrolledPod;
}

/** Every pod of an application of the cluster, judged once. */
function judgedPods(facts: ClusterFacts, now: Date, namespace?: string): Map<string, Judged[]> {
  const found = new Map<string, Judged[]>();
  for (const [name, pods] of facts.pods) {
    if (systemNamespaces.has(name) || (namespace !== undefined && name !== namespace)) continue;
    found.set(
      name,
      pods
        .filter((pod) => roleOf(pod) === 'app')
        .map((pod) => ({ pod, verdict: judgePod(facts, pod, now) })),
    );
  }
  return found;
}

/** Subjects of one level with their pods, in the order of their names. Pure. */
export function enrolled(
  facts: ClusterFacts,
  cluster: ClusterName,
  level: EnrolmentLevel,
  now: Date,
  namespace?: string,
): Enrolled[] {
  const judged = judgedPods(facts, now, namespace);
  const make = (
    identity: Pick<EnrolmentSubject, 'kind' | 'namespace' | 'name'>,
    wanted: Wanted,
    waypoint: WaypointUse | null,
    of: Judged[],
  ): Enrolled => {
    const pods = of.map(({ verdict }) => verdict);
    return {
      subject: { level, ...cluster, ...identity, ...summed(wanted, waypoint, pods) },
      pods,
    };
  };
  switch (level) {
    case 'namespace':
      return [...facts.namespaces.keys()]
        .filter((name) => !systemNamespaces.has(name))
        .filter((name) => namespace === undefined || name === namespace)
        .sort()
        .map((name) =>
          make(
            { kind: 'Namespace', namespace: name, name },
            wantedOfNamespace(facts, name),
            waypointOfService(facts, {
              metadata: { name: '', namespace: name, labels: {} },
            }),
            judged.get(name) ?? [],
          ),
        );
    case 'service':
      return [...facts.services]
        .filter(([name]) => !systemNamespaces.has(name))
        .filter(([name]) => namespace === undefined || name === namespace)
        .flatMap(([name, services]) =>
          services
            .filter((service) => !isGatewaysOwn(service))
            .map((service) => {
              const of = (judged.get(name) ?? []).filter(({ pod }) => isBehind(service, pod));
              return make(
                { kind: 'Service', namespace: name, name: service.metadata.name },
                wantedOfService(
                  facts,
                  service,
                  of.map(({ pod }) => pod),
                ),
                waypointOfService(facts, service),
                of,
              );
            }),
        )
        .sort(bySubject);
    case 'workload':
      return [...judged]
        .flatMap(([name, of]) =>
          [...grouped(of)].map(([, group]) => {
            const { pod, verdict } = group[0]!;
            const waypoint = servicesOf(facts, pod)
              .map((service) => waypointOfService(facts, service))
              .find((use) => use !== null);
            return make(
              { ...verdict.workload, namespace: name },
              wantedOfPod(facts, pod),
              waypoint ?? null,
              group,
            );
          }),
        )
        .sort(bySubject);
  }
}

const bySubject = ({ subject: a }: Enrolled, { subject: b }: Enrolled): number =>
  `${a.namespace}/${a.name}/${a.kind}` < `${b.namespace}/${b.name}/${b.kind}` ? -1 : 1;

function grouped(of: Judged[]): Map<string, Judged[]> {
  const groups = new Map<string, Judged[]>();
  for (const one of of) {
    const { kind, name } = one.verdict.workload;
    const key = `${kind}/${name}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}

const worstFirst: EnrolmentState[] = ['differs', 'unknown', 'waiting', 'asWanted', 'optedOut'];

function summed(
  wanted: Wanted,
  waypoint: WaypointUse | null,
  pods: EnrolledPod[],
): Pick<
  EnrolmentSubject,
  'wanted' | 'truth' | 'state' | 'message' | 'pods' | 'waypoint' | 'because'
> {
  const countOf = (state: EnrolmentState) => pods.filter((pod) => pod.state === state).length;
  const state: EnrolmentState =
    worstFirst.find((one) => pods.some((pod) => pod.state === one)) ?? 'empty';
  const taken = pods.filter((pod) => pod.state !== 'optedOut');
  return {
    wanted: wanted.mode,
    truth: commonMode((taken.length > 0 ? taken : pods).map(({ truth }) => truth)),
    state,
    message: messageOf(state, pods) + (state === 'asWanted' ? apartOf(wanted, taken) : ''),
    pods: {
      total: pods.length,
      asWanted: countOf('asWanted'),
      differs: countOf('differs'),
      waiting: countOf('waiting'),
      optedOut: countOf('optedOut'),
    },
    waypoint: waypoint && {
      namespace: waypoint.namespace,
      name: waypoint.name,
      ready: waypoint.ready,
      why: waypoint.why,
    },
    because: wanted.because,
  };
}

/** Where pods are as wanted and not alike: what each is. */
function apartOf(wanted: Wanted, pods: EnrolledPod[]): string {
  const byTruth = Map.groupBy(pods, ({ truth }) => truth);
  if (byTruth.size < 2) return '';
  const each = Array.from(byTruth, ([truth, of]) => `${of.length} ${truth}`).toSorted();
  const isPast = wanted.mode === 'L4+L7' && byTruth.has('L4');
  return `: ${each.join(', ')}${isPast ? '; no Service with a waypoint leads to those with L4' : ''}`;
}

function messageOf(state: EnrolmentState, pods: EnrolledPod[]): string {
  const total = counted(pods.length, 'pod');
  switch (state) {
    case 'empty':
      return 'No pods run';
    case 'asWanted':
      return `${total}, as wanted`;
    case 'optedOut':
      return `${total} that say no themselves`;
    case 'waiting':
      return `Waiting for pods that have just begun, of ${total}`;
    default: {
      const wrong = pods.filter((pod) => pod.state === 'differs');
      const [first] = wrong;
      return `${wrong.length} of ${total} not as wanted: ${first?.name}. ${first?.message ?? ''}`;
    }
  }
}
