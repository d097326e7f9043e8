import {
  ambientConfigure,
  ambientNamespaces,
  type AmbientNamespace,
} from '@ambit/contracts/operations/ambient';
import { systemNamespaces } from '@ambit/istio/enrolment/facts';
import { l4Name, l4Objects, namespaceL4 } from '@ambit/istio/enrolment/namespace-l4';
import { admitPolicies } from '../diagnosis/admit-policies.ts';
import type { Context } from '../kernel/context.ts';
import { AmbitError, conflict } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { lockMesh } from '../mesh/lock.ts';
import { loadFacts, type KnownCluster } from './load.ts';
import { withObserved } from './observed.ts';
import { writePolicies } from './write-policies.ts';

export const listAmbientNamespaces = implement(ambientNamespaces, async (context, { meshId }) => {
  const clusters = await observedClusters(context, meshId);
  const names = new Set(clusters.flatMap(({ facts }) => [...facts.namespaces.keys()]));
  return {
    items: [...names]
      .filter((name) => !systemNamespaces.has(name))
      .sort()
      .map((name) => read(clusters, name)),
  };
});

export const configureAmbientNamespace = implement(
  ambientConfigure,
  async (context, { meshId, namespace, force, ...settings }) => {
    const { tx, organisationId, now, enqueue, actor, door } = context;
    const mesh = await lockMesh(tx, meshId);
    if (systemNamespaces.has(namespace)) {
      throw new AmbitError('unprocessable', `${namespace} belongs to the platform itself`, {
        fix: 'set options of the mesh instead',
      });
    }
    const clusters = await observedClusters(context, meshId);
    const before = read(clusters, namespace);
    refuseOthers(before, settings);
    if (settings.mtls === 'STRICT' && before.mtls !== 'STRICT' && !force) {
      refusePlainText(before);
    }
    const { put, remove } = l4Objects(namespace, settings);
    await admitPolicies(
      context,
      meshId,
      put.map((object) => ({ object })),
    );
    await writePolicies({ tx, organisationId, meshId, now, enqueue, actor, door }, { put, remove });
    await context.changed('mesh', meshId, 'updated', mesh.id);
    return read(await observedClusters(context, meshId), namespace);
  },
  ({ namespace }) => namespace,
);

async function observedClusters(context: Context, meshId: string): Promise<KnownCluster[]> {
  const clusters = await loadFacts(context.tx, meshId, context.now);
  const found: KnownCluster[] = [];
  for (const cluster of clusters) found.push(await withObserved(context, cluster));
  return found;
}

function read(clusters: readonly KnownCluster[], namespace: string): AmbientNamespace {
  const plain = clusters.flatMap(({ facts }) =>
    [...(facts.observed ?? [])]
      .filter(([workload]) => workload.startsWith(`${namespace}/`))
      .flatMap(([, { plainFrom }]) => plainFrom),
  );
  return {
    ...namespaceL4(
      clusters.map(({ facts }) => facts),
      namespace,
    ),
    plainFrom: [...new Set(plain)].sort().slice(0, 20),
    measured: clusters.some(({ facts }) => facts.observed !== null),
  };
}

/** Two objects of a namespace that say the same: Istio takes the older one, and nobody knows which that is. */
function refuseOthers(
  { namespace, others }: AmbientNamespace,
  { mtls, accessLog, tcpMetrics }: Pick<AmbientNamespace, 'mtls' | 'accessLog' | 'tcpMetrics'>,
): void {
  const sets = {
    mtls: mtls !== 'inherit',
    telemetry: accessLog !== 'inherit' || tcpMetrics !== 'inherit',
  };
  const other = others.find((one) => sets[one.sets]);
  if (!other) return;
  throw conflict(
    `${other.kind} ${namespace}/${other.name} says that already for the namespace`,
    `change ${other.name}, or delete it and set it here (which writes ${other.kind} ${l4Name})`,
  );
}

function refusePlainText({ namespace, plainFrom }: AmbientNamespace): void {
  if (plainFrom.length === 0) return;
  throw new AmbitError(
    'unprocessable',
    `STRICT would refuse who sends plain text into ${namespace} now: ${plainFrom.join(', ')}`,
    { fix: 'take them into the mesh first, or send it again with force' },
  );
}
