import {
  podHealth,
  readTolerances,
  worst,
  type Judge,
  type Tolerance,
} from '../health/tolerance.ts';
import type { Inventory, InventoryWorkload } from '../inventory.ts';
import { protocols, type GraphNode, type Health, type TrafficState } from '../model.ts';
import { addPair } from '../signals.ts';
import { roundRate, roundShare } from '../text.ts';
import type { Identity, Places } from './places.ts';
import type { EdgeState } from './view.ts';

/** One node while it is computed. */
export interface NodeState {
  identity: Identity;
  incoming: Set<EdgeState>;
  outgoing: Set<EdgeState>;
  /** The inventory has it, so it is shown without traffic too. */
  isInventory: boolean;
}

export interface NodeRows {
  /** What the inventory wants to be shown, traffic or not. */
  inventoryNodes: Identity[];
  tolerancesOf(node: NodeState): readonly Tolerance[];
  /** Null when it is not shown. */
  row(node: NodeState): GraphNode | null;
}

export function createNodeRows(
  inventory: Inventory,
  defaults: readonly Tolerance[],
  judge: Judge,
  places: Places,
): NodeRows {
  const members = new Map<string, InventoryWorkload[]>();
  const tolerances = new Map<string, readonly Tolerance[]>();
  const inventoryNodes: Identity[] = [];
  const add = (identity: Identity, workloads: InventoryWorkload[]): void => {
    const known = members.get(identity.id);
    if (known) known.push(...workloads);
    else {
      members.set(identity.id, [...workloads]);
      inventoryNodes.push(identity);
    }
  };
  const annotate = (id: string, annotation: string | undefined): void => {
    const own = annotation === undefined ? [] : readTolerances(annotation).tolerances;
    if (own.length > 0) tolerances.set(id, [...own, ...defaults]);
  };
  const byName = new Map(
    inventory.workloads.map((each) => [nameOf(each.cluster, each.namespace, each.name), each]),
  );
  for (const workload of inventory.workloads) {
    const identity = places.ofWorkload(workload);
    add(identity, [workload]);
    if (places.workload(identity.id) === workload) annotate(identity.id, workload.healthRate);
  }
  for (const service of inventory.services) {
    const identity = places.ofService(service);
    if (identity === null) continue;
    const behind = service.workloads.flatMap(
      (name) => byName.get(nameOf(service.cluster, service.namespace, name)) ?? [],
    );
    const isAdded = members.has(identity.id);
    add(identity, isAdded ? [] : behind);
    annotate(identity.id, service.healthRate);
  }

  const tolerancesOf = ({ identity }: NodeState): readonly Tolerance[] =>
    tolerances.get(identity.id) ?? defaults;

  const side = (edges: Set<EdgeState>, direction: 'inbound' | 'outbound', node: NodeState) => {
    const codes: (number[] | undefined)[] = [];
    const found = { rate: 0, errors: 0, health: 'none' as Health, shown: 0, active: false };
    for (const { row, sum, protocol } of edges) {
      if (row === null) continue;
      found.shown++;
      found.rate += sum.requests;
      found.errors += sum.errors;
      found.active ||= row.traffic === 'active';
      const of = (codes[protocols.indexOf(protocol)] ??= []);
      for (let at = 0; at < sum.codes.length; at += 2)
        addPair(of, sum.codes[at]!, sum.codes[at + 1]!);
    }
    codes.forEach((list, at) => {
      if (list === undefined) return;
      const judged = judge(protocols[at]!, direction, list, tolerancesOf(node));
      found.health = worst(found.health, judged);
    });
    return found;
  };

  return {
    inventoryNodes,
    tolerancesOf,
    row: (node) => {
      const incoming = side(node.incoming, 'inbound', node);
      const outgoing = side(node.outgoing, 'outbound', node);
      const workloads = members.get(node.identity.id) ?? [];
      if (incoming.shown + outgoing.shown === 0 && !node.isInventory) return null;
      const pods = workloads.map(podHealth).reduce(worst, 'none');
      const share = (errors: number, rate: number): number | null =>
        rate > 0 ? roundShare(errors / rate) : null;
      const { id, kind, cluster, namespace, name, app, version } = node.identity;
      return {
        id,
        kind,
        cluster,
        namespace,
        name,
        app,
        version,
        health: worst(worst(incoming.health, outgoing.health), pods),
        traffic:
          incoming.active || outgoing.active
            ? 'active'
            : quietState(workloads, incoming.shown + outgoing.shown > 0 || hasTold(node)),
        inRate: roundRate(incoming.rate),
        outRate: roundRate(outgoing.rate),
        inErrorShare: share(incoming.errors, incoming.rate),
        outErrorShare: share(outgoing.errors, outgoing.rate),
      };
    },
  };
}

const hasTold = ({ incoming, outgoing }: NodeState): boolean => incoming.size + outgoing.size > 0;

/** What it means that nothing moves. */
function quietState(workloads: readonly InventoryWorkload[], isTold: boolean): TrafficState {
  const carried = workloads.filter(({ proxy }) => proxy !== 'none');
  if (carried.some(({ isReporting }) => isReporting === false)) return 'missing';
  if (isTold) return 'idle';
  if (workloads.length > 0 && carried.length === 0) return 'unmeasured';
  if (carried.length > 0 && carried.every(({ isReporting }) => isReporting === true)) return 'idle';
  return 'unsure';
}

const nameOf = (cluster: string, namespace: string, name: string): string =>
  JSON.stringify([cluster, namespace, name]);
