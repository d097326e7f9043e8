import { serviceList, type Service } from '@ambit/contracts/operations/service';
import { subjectKey, subjectSignals } from '@ambit/topology/objectives/subject-signals';
import { emptySignals } from '@ambit/topology/signals';
import { healths, type GraphNode } from '@ambit/topology/model';
import { defaultView } from '@ambit/topology/view/options';
import { implementOutside } from '../kernel/implement.ts';
import { pageOfArray } from '../kernel/page.ts';
import { requireMesh } from '../mesh/lock.ts';
import { paceOf } from '../topology/pace.ts';
import type { Resident } from '../topology/resident.ts';
import { keptResidentOf, residentOf } from '../topology/residents.ts';
import { toFigures } from './figures.ts';

export const listServices = implementOutside(
  serviceList,
  async ({ tx }, { meshId }) => {
    await requireMesh(tx, meshId);
  },
  async ({ platform, organisationId }, input) => {
    const { meshId, namespace, health, kept } = input;
    const resident = kept
      ? await keptResidentOf(platform, organisationId, meshId)
      : await residentOf(platform, organisationId, meshId);
    if (!resident) return { items: [], nextCursor: null, total: 0, sources: [] };
    const { services: all } = await servicesOf(resident, paceOf(platform).budgetMs);
    const found = all.filter(
      (each) =>
        (namespace === undefined || each.namespace === namespace) &&
        (health === undefined || isUnwell(each)),
    );
    const page = pageOfArray(input, found, orderKey);
    return {
      ...page,
      total: found.length,
      sources: resident.state().sources,
    };
  },
);

const isUnwell = ({ health }: Service): boolean => health === 'degraded' || health === 'failure';

/** The worst first, then by name. */
const orderKey = ({ health, namespace, name }: Service): string =>
  `${healths.length - healths.indexOf(health)}/${namespace}/${name}`;

/** Services of a mesh as its graph has them, those of several clusters as one, and what was seen of each by its key. */
export async function servicesOf(
  resident: Resident,
  budgetMs: number,
): Promise<{ services: Service[]; subjects: ReturnType<typeof subjectSignals> }> {
  const shown = resident.shown({ ...defaultView, by: 'service', idle: true });
  await resident.ready(budgetMs);
  const { store } = resident;
  const inventory = resident.inventory();
  const subjects = subjectSignals(store, inventory);
  const nodes = Map.groupBy(
    shown.graph().nodes.filter(({ kind, namespace }) => kind === 'service' && namespace !== ''),
    ({ namespace, name }) => `${namespace}/${name}`,
  );
  const known = Map.groupBy(inventory.services, ({ namespace, name }) => `${namespace}/${name}`);
  const services = [...new Set([...nodes.keys(), ...known.keys()])].map((key): Service => {
    const of = nodes.get(key) ?? [];
    const entries = known.get(key) ?? [];
    const [first] = [...entries, ...of];
    const { namespace, name } = first!;
    const subject = subjects.get(subjectKey({ kind: 'service', namespace, name }));
    return {
      namespace,
      name,
      clusters: [...new Set([...entries, ...of].map(({ cluster }) => cluster))]
        .filter((cluster) => cluster !== '')
        .sort(),
      external: entries.length > 0 && entries.every(({ external }) => external),
      workloads: [...new Set(entries.flatMap(({ workloads }) => workloads))].sort(),
      health: worstOf(of),
      traffic: trafficOf(of),
      ...toFigures(subject?.signals ?? emptySignals(), store.registry.codes),
    };
  });
  return { services, subjects };
}

const worstOf = (nodes: readonly GraphNode[]): GraphNode['health'] =>
  nodes.reduce<GraphNode['health']>(
    (worst, { health }) => (healths.indexOf(health) > healths.indexOf(worst) ? health : worst),
    'none',
  );

const trafficOf = (nodes: readonly GraphNode[]): GraphNode['traffic'] =>
  nodes.find(({ traffic }) => traffic === 'active')?.traffic ?? nodes[0]?.traffic ?? 'unsure';
