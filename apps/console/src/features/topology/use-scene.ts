'use client';

import type { Graph } from '@ambit/topology/model';
import type { Layout } from '@ambit/topology/layout/shape';
import { useMemo } from 'react';
import type { EnrolmentSubject } from '@ambit/contracts/operations/enrolment';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { prepareScene, stretch, type Look, type Scene } from './draw/scene.ts';
import { marksOf } from './model/acting.ts';
import { costsOf, waypointKey, type Costs } from './model/cost.ts';
import { subjectsOf } from './model/subjects.ts';
import { hoodOf, type Place } from './model/hood.ts';

const noBoxes: ReadonlyMap<string, Place & { radius: number }> = new Map();
const noPlaces: ReadonlyMap<string, Place> = new Map();

export interface Drawn {
  /** All of it, not yet lit by what is chosen or pointed at. */
  prepared: Scene;
  /** What of the graph is drawn: all of it, or a neighbourhood. */
  graph: Graph;
  places: ReadonlyMap<string, Place>;
  /** Neighbours that found no room. */
  left: number;
}

/** The layout in a world as wide as names are, with groups no larger than who is in them needs. */
function widen({ nodes, groups }: Layout) {
  const reach = new Map<string, number>();
  for (const { x, y, group } of nodes.values()) {
    const middle = groups.get(group);
    if (!middle) continue;
    const far = Math.hypot(x - middle.x, y - middle.y) + 0.85;
    reach.set(group, Math.max(reach.get(group) ?? 0, far));
  }
  return {
    nodes: new Map([...nodes].map(([id, { x, y }]) => [id, { x: x * stretch, y }])),
    groups: new Map(
      [...groups].map(([key, { x, y, radius }]) => [
        key,
        { x: x * stretch, y, radius: Math.min(radius, reach.get(key) ?? radius) },
      ]),
    ),
  };
}

/** What is to be drawn: the whole layout, or the neighbourhood of the node in focus. */
export function useDrawn(
  graph: Graph,
  layout: Layout | null,
  focus: { id: string; hops: number },
  look: Look,
): Drawn {
  const hood = useMemo(
    () =>
      focus.id !== '' && graph.nodes.some(({ id }) => id === focus.id)
        ? hoodOf(graph, focus.id, focus.hops)
        : null,
    [graph, focus.id, focus.hops],
  );
  const wide = useMemo(() => (layout ? widen(layout) : null), [layout]);
  const places = hood?.places ?? wide?.nodes ?? noPlaces;
  const shown = hood?.graph ?? graph;
  const { mode, box, changes, enrolment, costs, marks, flow } = look;
  const boxes = useMemo(() => {
    if (hood || !wide || box === 'none') return noBoxes;
    return new Map([...wide.groups].filter(([key]) => key !== '' && key !== '/'));
  }, [hood, wide, box]);
  const prepared = useMemo(
    () =>
      prepareScene({
        graph: shown,
        places,
        boxes,
        look: { mode, box, changes, enrolment, costs, marks, flow },
      }),
    [shown, places, boxes, mode, box, changes, enrolment, costs, marks, flow],
  );
  const left = hood ? [...hood.left.values()].reduce((sum, each) => sum + each, 0) : 0;
  return { prepared, graph: shown, places, left };
}

const noSubjects: ReturnType<typeof subjectsOf<EnrolmentSubject>> = [];

/** What is told of the enrolment of each node; asked only when it is shown. */
function useSubjects(
  meshId: string,
  graph: Graph,
  enabled: boolean,
): readonly (readonly [id: string, subject: EnrolmentSubject])[] {
  const client = useTRPCClient();
  const level = graph.nodes.some(({ kind }) => kind === 'service') ? 'service' : 'workload';
  const items = useAll(
    ['enrolment', 'list'],
    { meshId, level } as const,
    (page) => client.enrolment.list.query(page),
    { enabled },
  ).data?.items;
  return useMemo(
    () => (enabled && items ? subjectsOf(graph, items) : noSubjects),
    [enabled, items, graph],
  );
}

/** How workloads are in the mesh, by the id of their node; asked only when it is shown. */
export function useEnrolment(
  meshId: string,
  graph: Graph,
  enabled: boolean,
): ReadonlyMap<string, string> {
  const subjects = useSubjects(meshId, graph, enabled);
  return useMemo(() => new Map(subjects.map(([id, { truth }]) => [id, truth])), [subjects]);
}

/** What waypoints cost, and which edges and nodes use that up; asked only when it is shown. */
export function useCosts(meshId: string, graph: Graph, enabled: boolean): Costs | null {
  const client = useTRPCClient();
  const subjects = useSubjects(meshId, graph, enabled);
  const waypoints = useAll(
    ['waypoint', 'list'],
    { meshId },
    (page) => client.waypoint.list.query(page),
    { enabled },
  ).data?.items;
  return useMemo(() => {
    if (!enabled || !waypoints) return null;
    const used = new Map(
      subjects.flatMap(([id, { clusterName, waypoint }]) =>
        waypoint
          ? [[id, waypointKey(clusterName, waypoint.namespace, waypoint.name)] as const]
          : [],
      ),
    );
    return costsOf(graph, used, waypoints);
  }, [enabled, waypoints, subjects, graph]);
}

const noMarks: ReadonlyMap<string, string> = new Map();

/** Marks of the policies that act on each node, by its id; asked only when they are shown. */
export function useMarks(
  meshId: string,
  graph: Graph,
  enabled: boolean,
): ReadonlyMap<string, string> {
  const client = useTRPCClient();
  const policies = useAll(
    ['policy', 'targets'],
    { meshId },
    (page) => client.policy.targets.query(page),
    {
      enabled,
    },
  ).data?.items;
  return useMemo(
    () => (enabled && policies ? marksOf(graph, policies) : noMarks),
    [enabled, policies, graph],
  );
}
