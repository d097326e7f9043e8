'use client';

import { useQuery } from '@tanstack/react-query';
import type { Graph } from '@ambit/topology/model';
import { applyDiff, decodeGraph } from '@ambit/topology/wire/message';
import { useRef } from 'react';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPCClient } from '@/lib/trpc.tsx';
import type { GraphInput } from './model/graph-input.ts';

type Answer = Outputs['topology']['get'];

export interface Shown {
  /** What was asked, whatever the moment: graphs of one view have one layout. */
  view: string;
  graph: Graph;
  revision: number;
  answer: Omit<Answer, 'graph'>;
  /** When the telemetry was true, milliseconds since 1970; and over how many seconds rates are told. */
  at: number;
  windowS: number;
}

/** What has come of an answer: whole, or what one has with the difference. Null: a difference to something else. */
export function take(answer: Answer, before: Shown | undefined, view = ''): Shown | null {
  const { graph: message, ...rest } = answer;
  if (message.base !== null && message.base !== before?.revision) return null;
  const diff = decodeGraph(message);
  const graph =
    message.base === null || before === undefined
      ? { nodes: diff.nodes, edges: diff.edges }
      : applyDiff(before.graph, diff);
  const { revision, at, windowS } = message;
  return { view, graph, revision, at, windowS, answer: rest };
}

/** The graph, kept fresh: what changed is asked for when the server says so, and what it needs time for again. */
export function useGraph(input: GraphInput, enabled = true) {
  const client = useTRPCClient();
  const had = useRef<{ key: string; shown: Shown } | null>(null);
  const key = JSON.stringify(input);
  const view = JSON.stringify({ ...input, at: undefined });
  return useQuery<Shown>({
    // Events are about now: they leave a moment that is past alone.
    queryKey: [['topology', input.at === undefined ? 'get' : 'past'], { input, type: 'query' }],
    placeholderData: (previous: Shown | undefined) => previous,
    enabled,
    // A difference makes a new graph; comparing whole graphs by value would cost more than drawing them.
    structuralSharing: false,
    refetchInterval: ({ state }) => {
      const retryMs = state.data?.answer.retryMs ?? null;
      return retryMs === null
        ? input.at === undefined
          ? 30_000
          : false
        : Math.max(1_000, retryMs);
    },
    queryFn: async ({ signal }): Promise<Shown> => {
      const before = had.current?.key === key ? had.current.shown : undefined;
      const base = input.at === undefined && before ? { base: before.revision } : {};
      const first = take(
        await client.topology.get.query({ ...input, ...base }, { signal }),
        before,
        view,
      );
      const shown =
        first ?? take(await client.topology.get.query(input, { signal }), undefined, view);
      if (shown === null) throw new Error('The server answered with a difference to nothing.');
      had.current = { key, shown };
      return shown;
    },
  });
}
