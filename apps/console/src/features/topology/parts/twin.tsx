'use client';

import type { Graph, GraphEdge, GraphNode } from '@ambit/topology/model';
import { useMemo } from 'react';
import { DataTable } from '@/ui/table/table.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Empty } from '@/ui/states.tsx';
import { Tabs } from '@/ui/tabs.tsx';
import type { Compared } from '../model/compare.ts';
import type { Costs } from '../model/cost.ts';
import { healthWords, kindWords, nodeName, trafficShort } from '../model/words.ts';
import { costText, msText, rateText, shareText } from '@/lib/format.ts';

interface Props {
  graph: Graph;
  compared: Compared | null;
  /** Marks of the policies that act on a node. */
  marks: ReadonlyMap<string, string>;
  costs: Costs | null;
  onSelect: (id: string) => void;
}

const healthInk = {
  failure: 'text-bad font-medium',
  degraded: 'text-warn font-medium',
  healthy: 'text-ok',
  notReady: 'text-ink-3',
  none: 'text-ink-3',
} as const;

const costColumn = <T extends { id: string }>({ byId, currency }: Costs): Column<T> => ({
  id: 'cost',
  header: 'Cost',
  value: ({ id }) => byId.get(id) ?? null,
  cell: ({ id }) => (byId.has(id) ? costText(byId.get(id)!, currency) : '–'),
  align: 'right',
  width: '112px',
});

/** The same graph as two tables: edges and nodes. */
export function Twin({ graph, compared, marks, costs, onSelect }: Props) {
  const names = useMemo(() => new Map(graph.nodes.map((node) => [node.id, node])), [graph]);
  const name = (id: string): string => {
    const node = names.get(id);
    return node ? nodeName(node) : id;
  };
  const edgeColumns: Column<GraphEdge>[] = [
    {
      id: 'from',
      header: 'From',
      value: ({ source }) => name(source),
      cell: (edge) => (
        <button
          type="button"
          className="max-w-full truncate text-left font-medium hover:underline"
          onClick={() => onSelect(edge.id)}
        >
          {name(edge.source)}
        </button>
      ),
    },
    { id: 'to', header: 'To', value: ({ target }) => name(target) },
    {
      id: 'namespace',
      header: 'Namespace',
      value: ({ target }) => names.get(target)?.namespace ?? '',
      hideBelow: 'lg',
    },
    {
      id: 'protocol',
      header: 'Protocol',
      value: ({ protocol }) => protocol,
      width: '84px',
      hideBelow: 'md',
    },
    {
      id: 'health',
      header: 'Health',
      value: ({ health }) => healthWords[health],
      cell: ({ health }) => <span className={healthInk[health]}>{healthWords[health]}</span>,
      width: '96px',
    },
    {
      id: 'rate',
      header: 'Rate',
      value: ({ rate, traffic }) => (traffic === 'active' ? rate : null),
      cell: ({ rate, traffic }) =>
        traffic === 'active' ? (
          rateText(rate)
        ) : (
          <span className="text-ink-3">{trafficShort[traffic]}</span>
        ),
      align: 'right',
      width: '92px',
    },
    {
      id: 'errors',
      header: 'Errors',
      value: ({ errorShare }) => errorShare,
      cell: ({ errorShare }) => (errorShare === null ? '–' : shareText(errorShare)),
      align: 'right',
      width: '84px',
      hideBelow: 'sm',
    },
    {
      id: 'p95',
      header: 'p95',
      value: ({ p95Ms }) => p95Ms,
      cell: ({ p95Ms }) => (p95Ms === null ? '–' : msText(p95Ms)),
      align: 'right',
      width: '84px',
      hideBelow: 'md',
    },
    {
      id: 'mtls',
      header: 'mTLS',
      value: ({ mutualTlsShare }) => mutualTlsShare,
      cell: ({ mutualTlsShare }) => (mutualTlsShare === null ? '–' : shareText(mutualTlsShare)),
      align: 'right',
      width: '76px',
      hideBelow: 'lg',
    },
    ...(marks.size > 0
      ? [
          {
            id: 'policies',
            header: 'Policies',
            value: ({ target }: GraphEdge) => marks.get(target) ?? '',
            width: '112px',
            hideBelow: 'lg' as const,
          },
        ]
      : []),
    ...(costs ? [costColumn<GraphEdge>(costs)] : []),
    ...(compared
      ? [
          {
            id: 'change',
            header: 'Change',
            value: ({ id }: GraphEdge) => compared.changes.get(id) ?? 'same',
            width: '88px',
          },
        ]
      : []),
  ];
  const nodeColumns: Column<GraphNode>[] = [
    {
      id: 'name',
      header: 'Name',
      value: nodeName,
      cell: (node) => (
        <button
          type="button"
          className="max-w-full truncate text-left font-medium hover:underline"
          onClick={() => onSelect(node.id)}
        >
          {nodeName(node)}
        </button>
      ),
    },
    {
      id: 'kind',
      header: 'Kind',
      value: ({ kind }) => kindWords[kind],
      width: '96px',
      hideBelow: 'sm',
    },
    { id: 'namespace', header: 'Namespace', value: ({ namespace }) => namespace, hideBelow: 'md' },
    { id: 'cluster', header: 'Cluster', value: ({ cluster }) => cluster, extra: true },
    {
      id: 'health',
      header: 'Health',
      value: ({ health }) => healthWords[health],
      cell: ({ health }) => <span className={healthInk[health]}>{healthWords[health]}</span>,
      width: '110px',
    },
    {
      id: 'traffic',
      header: 'Traffic',
      value: ({ traffic }) => trafficShort[traffic],
      width: '110px',
      hideBelow: 'md',
    },
    {
      id: 'in',
      header: 'In',
      value: ({ inRate, traffic }) => (traffic === 'active' ? inRate : null),
      cell: ({ inRate, traffic }) => (traffic === 'active' ? rateText(inRate) : '–'),
      align: 'right',
      width: '84px',
    },
    {
      id: 'out',
      header: 'Out',
      value: ({ outRate, traffic }) => (traffic === 'active' ? outRate : null),
      cell: ({ outRate, traffic }) => (traffic === 'active' ? rateText(outRate) : '–'),
      align: 'right',
      width: '84px',
      hideBelow: 'sm',
    },
    {
      id: 'errors',
      header: 'Errors in',
      value: ({ inErrorShare }) => inErrorShare,
      cell: ({ inErrorShare }) => (inErrorShare === null ? '–' : shareText(inErrorShare)),
      align: 'right',
      width: '92px',
      hideBelow: 'sm',
    },
    ...(costs ? [costColumn<GraphNode>(costs)] : []),
  ];
  const empty = <Empty title="Nothing to show">The filter leaves nothing, or nothing moves.</Empty>;
  return (
    <Tabs
      label="Graph as tables"
      tabs={[
        {
          value: 'edges',
          label: `Edges (${graph.edges.length})`,
          content: (
            <DataTable
              name="topology-edges"
              label="Edges of the graph"
              noun={['edge', 'edges']}
              columns={edgeColumns}
              rows={graph.edges}
              rowKey={({ id }) => id}
              defaultSort="-rate"
              urlPrefix="e"
              empty={empty}
            />
          ),
        },
        {
          value: 'nodes',
          label: `Nodes (${graph.nodes.length})`,
          content: (
            <DataTable
              name="topology-nodes"
              label="Nodes of the graph"
              noun={['node', 'nodes']}
              columns={nodeColumns}
              rows={graph.nodes}
              rowKey={({ id }) => id}
              defaultSort="-in"
              urlPrefix="n"
              empty={empty}
            />
          ),
        },
      ]}
    />
  );
}
