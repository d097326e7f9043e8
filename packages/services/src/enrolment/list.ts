import { counted } from '@ambit/contracts/words';
import { enrolmentGet, enrolmentList } from '@ambit/contracts/operations/enrolment';
import { enrolled, type Enrolled } from '@ambit/istio/enrolment/subjects';
import { notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { pageOfArray } from '../kernel/page.ts';
import { withObserved } from './observed.ts';
import { loadClusterFacts, loadFacts, type KnownCluster } from './load.ts';

export const listEnrolment = implement(enrolmentList, async (context, input) => {
  const { tx, now } = context;
  const clusters = await loadFacts(tx, input.meshId, now, input.clusterId);
  const all = clusters.flatMap((cluster) =>
    enrolled(cluster.facts, nameOf(cluster), input.level, now, input.namespace),
  );
  const subjects = all
    .map(({ subject }) => subject)
    .filter(({ state }) => input.state === undefined || state === input.state);
  const pods = podsOf(all);
  return {
    ...pageOfArray(
      input,
      subjects,
      ({ clusterName, namespace, kind, name }) => `${clusterName}/${namespace}/${kind}/${name}`,
    ),
    total: subjects.length,
    sentence: sentenceOf(clusters, pods),
    pods,
    clusters: clusters.map(({ facts: _facts, ...cluster }) => cluster),
  };
});

export const getEnrolment = implement(enrolmentGet, async (context, input) => {
  const { tx, now } = context;
  const known = await loadClusterFacts(tx, input.meshId, input.clusterId, now);
  const cluster = await withObserved(context, known);
  const name = input.level === 'namespace' ? input.namespace : (input.name ?? '');
  const found = enrolled(cluster.facts, nameOf(cluster), input.level, now, input.namespace).find(
    ({ subject }) =>
      subject.name === name && (input.kind === undefined || subject.kind === input.kind),
  );
  if (!found) {
    throw notFound(
      `${input.level} of ${cluster.clusterName}`,
      input.level === 'namespace' ? name : `${input.namespace}/${name}`,
    );
  }
  return found;
});

const nameOf = ({ clusterId, clusterName }: KnownCluster) => ({ clusterId, clusterName });

interface Pods {
  total: number;
  inMesh: number;
  differs: number;
}

/** Each pod once, though several Services may have it. */
function podsOf(all: Enrolled[]): Pods {
  const pods = new Map(
    all.flatMap(({ subject, pods: of }) =>
      of.map((pod) => [`${subject.clusterId}/${pod.namespace}/${pod.name}`, pod] as const),
    ),
  );
  const list = [...pods.values()];
  return {
    total: list.length,
    inMesh: list.filter(({ truth }) => truth !== 'none').length,
    differs: list.filter(({ state }) => state === 'differs').length,
  };
}

function sentenceOf(clusters: KnownCluster[], { total, inMesh, differs }: Pods): string {
  const silent = clusters.filter(({ observedAt }) => observedAt === null);
  const unknown =
    silent.length > 0
      ? ` Nothing is known yet of ${silent.map(({ clusterName }) => clusterName).join(', ')}.`
      : '';
  const base = `${inMesh} of ${counted(total, 'pod')} in the mesh`;
  return differs === 0
    ? `${base}; all are as wanted.${unknown}`
    : `${base}; ${counted(differs, 'pod is', 'pods are')} not as wanted and ${differs === 1 ? 'needs' : 'need'} repair.${unknown}`;
}
