import { serviceVersions } from '@ambit/contracts/operations/service';
import { versionSignals } from '@ambit/topology/objectives/version-signals';
import { notFound } from '../kernel/errors.ts';
import { implementOutside } from '../kernel/implement.ts';
import { requireMesh } from '../mesh/lock.ts';
import { paceOf } from '../topology/pace.ts';
import { residentOf } from '../topology/residents.ts';
import { toFigures } from './figures.ts';
import { subsetsOf, versionOfSubset, type DestinationRule } from './subsets.ts';

export const listVersions = implementOutside(
  serviceVersions,
  async ({ tx }, { meshId }) => {
    await requireMesh(tx, meshId);
    const rows = await tx.policy.findMany({
      where: { meshId, kind: 'DestinationRule', deletedAt: null },
      select: { namespace: true, object: true },
    });
    return rows.map(({ namespace, object }) => ({ namespace, object: object as DestinationRule }));
  },
  async ({ platform, organisationId }, { meshId, namespace, name }, rules) => {
    const resident = await residentOf(platform, organisationId, meshId);
    await resident.ready(paceOf(platform).budgetMs);
    const { store } = resident;
    const versions = versionSignals(store, resident.inventory(), { namespace, name });
    const isKnown = resident
      .inventory()
      .services.some((each) => each.namespace === namespace && each.name === name);
    if (!isKnown && versions.length === 0) throw notFound('service', `${namespace}/${name}`);
    const subsets = subsetsOf(rules, { namespace, name });
    const total = versions.reduce((sum, { signals }) => sum + signals.requests, 0);
    const known = new Set(versions.map(({ version }) => version));
    return {
      items: versions.map(({ version, workloads, signals }) => ({
        version,
        workloads,
        subsets: subsets.filter((each) => versionOfSubset(each) === version).map((s) => s.name),
        share: total > 0 ? signals.requests / total : null,
        ...toFigures(signals, store.registry.codes),
      })),
      undefinedSubsets: subsets
        .filter((each) => {
          const version = versionOfSubset(each);
          return version !== null && !known.has(version);
        })
        .map((subset) => subset.name),
      sources: resident.state().sources,
    };
  },
);
