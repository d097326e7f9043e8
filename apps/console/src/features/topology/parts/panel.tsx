'use client';

import type { Graph, GraphEdge, GraphNode } from '@ambit/topology/model';
import { Crosshair, ExternalLink, Route, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { traceNameOf } from '@/features/traces/names.ts';
import { waypointHref } from '@/features/waypoints/links.ts';
import { cn } from '@/lib/cn.ts';
import { paths } from '@/lib/paths.ts';
import { Button, ButtonLink, IconButton } from '@/ui/button.tsx';
import { Tag } from '@/ui/status.tsx';
import { boxLabel, boxOf } from '../draw/scene.ts';
import type { Compared } from '../model/compare.ts';
import type { Boxing } from '../model/url-state.ts';
import { healthWords, kindWords, nodeName, trafficShort } from '../model/words.ts';
import { bytesText, msText, rateText, shareText } from '@/lib/format.ts';
import { Acting } from './acting.tsx';
import { whyEdge, whyNode } from './health.ts';
import { Signals } from './signals.tsx';

interface Props {
  meshId: string;
  graph: Graph;
  selected: string;
  box: Boxing;
  at: number | null;
  compared: Compared | null;
  /** It stands beside the graph, as high as that. */
  floats: boolean;
  onSelect: (id: string) => void;
  onFocus: (id: string) => void;
  onClose: () => void;
}

/** What is selected: how it is and why, its signals, who it talks to, findings and policies, and where to go on. */
export function Panel(props: Props) {
  const { graph, selected } = props;
  const node = graph.nodes.find(({ id }) => id === selected);
  const edge = node ? undefined : graph.edges.find(({ id }) => id === selected);
  const key = selected.startsWith('box:') ? selected.slice(4) : null;
  return (
    <aside
      aria-label="Details"
      className={cn(
        'card relative flex min-w-0 flex-col gap-4 overflow-y-auto p-3',
        props.floats ? 'max-lg:order-last lg:min-h-0 lg:w-84' : 'order-last',
      )}
    >
      {node ? (
        <NodeDetails {...props} node={node} />
      ) : edge ? (
        <EdgeDetails {...props} edge={edge} />
      ) : key !== null ? (
        <BoxDetails {...props} boxKey={key} />
      ) : (
        <Head title="Not in this graph" onClose={props.onClose}>
          What the address names has no traffic in this view now. Another moment, grouping or filter
          may show it.
        </Head>
      )}
    </aside>
  );
}

function Head(props: {
  title: string;
  tags?: ReactNode;
  children?: ReactNode;
  onClose: () => void;
}) {
  return (
    <header>
      <div className="flex items-start gap-2">
        <h2 className="min-w-0 grow text-base font-semibold break-words">{props.title}</h2>
        <IconButton label="Close details" size="sm" onClick={props.onClose}>
          <X size={14} aria-hidden="true" />
        </IconButton>
      </div>
      {props.tags ? <div className="mt-1 flex flex-wrap gap-1.5">{props.tags}</div> : null}
      {props.children ? <p className="mt-1.5 text-sm text-ink-2">{props.children}</p> : null}
    </header>
  );
}

const toneOf = { failure: 'text-bad', degraded: 'text-warn', healthy: 'text-ok' } as const;

function Facts({ items }: { items: [name: string, value: string][] }) {
  return (
    <dl className="grid grid-cols-4 gap-x-3 gap-y-2 max-[380px]:grid-cols-2">
      {items.map(([name, value]) => (
        <div key={name} className="min-w-0">
          <dt className="text-2xs text-ink-3">{name}</dt>
          <dd className="tnum text-sm font-medium">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Health({ health }: { health: GraphNode['health'] }) {
  const tone = health in toneOf ? toneOf[health as keyof typeof toneOf] : 'text-ink-3';
  return (
    <span className={`inline-flex h-5 items-center gap-1 text-xs font-medium ${tone}`}>
      <span aria-hidden="true">
        {health === 'failure' ? '✕' : health === 'degraded' ? '▲' : '●'}
      </span>
      {healthWords[health]}
    </span>
  );
}

function NodeDetails({ node, ...props }: Props & { node: GraphNode }) {
  const { meshId, graph } = props;
  const mesh = useMesh();
  const inbound = graph.edges.filter(({ target }) => target === node.id);
  const outbound = graph.edges.filter(({ source }) => source === node.id);
  const isService = node.kind === 'service' && node.namespace !== '';
  return (
    <>
      <Head
        title={nodeName(node)}
        onClose={props.onClose}
        tags={
          <>
            <Health health={node.health} />
            <Tag>{kindWords[node.kind]}</Tag>
            {node.namespace ? <Tag>{node.namespace}</Tag> : null}
            {node.cluster ? <Tag>{node.cluster}</Tag> : null}
          </>
        }
      >
        {whyNode(node, graph)}
      </Head>
      <div className="flex flex-wrap gap-2">
        <Button
          size="sm"
          icon={<Crosshair size={13} aria-hidden="true" />}
          onClick={() => props.onFocus(node.id)}
        >
          Focus
        </Button>
        {isService ? (
          <ButtonLink
            size="sm"
            href={paths.service(meshId, node.namespace, node.name)}
            icon={<ExternalLink size={13} aria-hidden="true" />}
          >
            Service page
          </ButtonLink>
        ) : null}
        {node.kind === 'workload' && node.namespace ? (
          <ButtonLink
            size="sm"
            href={paths.workload(meshId, node.namespace, node.name)}
            icon={<ExternalLink size={13} aria-hidden="true" />}
          >
            Workload page
          </ButtonLink>
        ) : null}
        {node.kind === 'waypoint' && node.namespace ? (
          <ButtonLink
            size="sm"
            href={waypointHref(mesh, node)}
            icon={<ExternalLink size={13} aria-hidden="true" />}
          >
            Waypoint page
          </ButtonLink>
        ) : null}
        <TracesLink meshId={meshId} node={node} />
      </div>
      <Facts
        items={[
          ['In', node.traffic === 'active' ? rateText(node.inRate) : trafficShort[node.traffic]],
          ['Out', node.traffic === 'active' ? rateText(node.outRate) : trafficShort[node.traffic]],
          ['Errors in', shareText(node.inErrorShare)],
          ['Errors out', shareText(node.outErrorShare)],
        ]}
      />
      <Signals meshId={meshId} subject={node.id} at={props.at} isEdge={false} />
      <Ends title="Inbound" edges={inbound} end="source" {...props} />
      <Ends title="Outbound" edges={outbound} end="target" {...props} />
      <Acting meshId={meshId} nodes={[node]} />
    </>
  );
}

function EdgeDetails({ edge, ...props }: Props & { edge: GraphEdge }) {
  const ends = [edge.source, edge.target].map((id) =>
    props.graph.nodes.find((node) => node.id === id),
  );
  const [source, target] = ends;
  const before = props.compared?.before.get(edge.id);
  const change = props.compared?.changes.get(edge.id);
  const codes = edge.codes.slice(0, 8);
  return (
    <>
      <Head
        title={`${source ? nodeName(source) : edge.source} → ${target ? nodeName(target) : edge.target}`}
        onClose={props.onClose}
        tags={
          <>
            <Health health={edge.health} />
            <Tag>{edge.protocol}</Tag>
            <Tag>{edge.layer}</Tag>
            {edge.waypoint ? <Tag>waypoint</Tag> : null}
          </>
        }
      >
        {whyEdge(edge)}
        {change && change !== 'same'
          ? ` Since the other moment: ${change}${before ? `, it was ${rateText(before.rate)} with ${shareText(before.errorShare)} errors` : ''}.`
          : ''}
      </Head>
      <Facts
        items={[
          [edge.protocol === 'tcp' ? 'Connections' : 'Requests', rateText(edge.rate)],
          ['Errors', shareText(edge.errorShare)],
          ['p50', msText(edge.p50Ms)],
          ['p95', msText(edge.p95Ms)],
          ['p99', msText(edge.p99Ms)],
          [
            'Mutual TLS',
            edge.mutualTlsShare === null ? 'not known' : shareText(edge.mutualTlsShare),
          ],
          ['Sent', bytesText(edge.requestBytes)],
          ['Answered', bytesText(edge.responseBytes)],
        ]}
      />
      {codes.length > 0 ? (
        <section aria-label="Codes">
          <h3 className="mb-1 text-xs font-medium text-ink-3">Codes and response flags</h3>
          <ul className="flex flex-wrap gap-1.5">
            {codes.map(([code, rate]) => (
              <li key={code} className="tnum rounded bg-idle-soft px-1.5 py-0.5 text-xs">
                <span className="font-mono">{code}</span> {rateText(rate)}
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <Signals meshId={props.meshId} subject={edge.id} at={props.at} isEdge />
      <section aria-label="Ends" className="grid gap-1">
        {ends.map((node, at) =>
          node ? (
            <button
              key={`${node.id}${at}`}
              type="button"
              onClick={() => props.onSelect(node.id)}
              className="flex justify-between rounded px-1 py-0.5 text-left text-sm hover:bg-hover"
            >
              <span>
                <span className="text-ink-3">{at === 0 ? 'from' : 'to'}</span> {nodeName(node)}
              </span>
              <span className="text-xs text-ink-3">{node.namespace}</span>
            </button>
          ) : null,
        )}
      </section>
      {target ? <TracesLink meshId={props.meshId} node={target} /> : null}
      <Acting meshId={props.meshId} nodes={target ? [target] : []} onEdge />
    </>
  );
}

/** Traces of a service, or of the app of a workload, by the name that Istio's proxies give it. */
function TracesLink({ meshId, node }: { meshId: string; node: GraphNode }) {
  const isTraced = node.kind === 'service' || node.kind === 'workload' || node.kind === 'app';
  if (!isTraced || node.namespace === '') return null;
  const name = node.kind === 'service' ? node.name : node.app || node.name;
  return (
    <ButtonLink
      size="sm"
      href={paths.meshTraces(meshId, traceNameOf([], node.namespace, name))}
      icon={<Route size={13} aria-hidden="true" />}
    >
      Traces of {name}
    </ButtonLink>
  );
}

function BoxDetails({ boxKey, ...props }: Props & { boxKey: string }) {
  const { graph, box } = props;
  const inside = graph.nodes.filter((node) => boxOf(node, box) === boxKey);
  const ids = new Set(inside.map(({ id }) => id));
  const crossing = graph.edges.filter(({ source, target }) => ids.has(source) !== ids.has(target));
  const within = graph.edges.filter(({ source, target }) => ids.has(source) && ids.has(target));
  const sum = (edges: readonly GraphEdge[]): number =>
    edges.reduce((total, { rate }) => total + rate, 0);
  const unwell = inside.filter(({ health }) => health === 'failure' || health === 'degraded');
  return (
    <>
      <Head title={boxLabel(boxKey)} onClose={props.onClose} tags={<Tag>{box}</Tag>}>
        {unwell.length === 0
          ? `${inside.length} in it, none unwell.`
          : `${unwell.length} of ${inside.length} unwell: ${unwell.slice(0, 4).map(nodeName).join(', ')}.`}
      </Head>
      <Facts
        items={[
          ['Nodes', String(inside.length)],
          ['Within', rateText(sum(within))],
          ['In', rateText(sum(crossing.filter(({ target }) => ids.has(target))))],
          ['Out', rateText(sum(crossing.filter(({ source }) => ids.has(source))))],
        ]}
      />
      <section aria-label="Nodes">
        <h3 className="mb-1 text-xs font-medium text-ink-3">Nodes</h3>
        <ul>
          {inside
            .toSorted((a, b) => b.inRate - a.inRate)
            .slice(0, 40)
            .map((node) => (
              <li key={node.id}>
                <button
                  type="button"
                  onClick={() => props.onSelect(node.id)}
                  className="flex w-full justify-between gap-3 rounded px-1 py-0.5 text-left text-sm hover:bg-hover"
                >
                  <span className="min-w-0 truncate">{nodeName(node)}</span>
                  <span className="tnum shrink-0 text-xs text-ink-3">{rateText(node.inRate)}</span>
                </button>
              </li>
            ))}
        </ul>
      </section>
      <Acting meshId={props.meshId} nodes={inside.slice(0, 1)} namespaceOnly />
    </>
  );
}

const mostEnds = 12;

function Ends(props: Props & { title: string; edges: GraphEdge[]; end: 'source' | 'target' }) {
  const { edges, end, graph } = props;
  const names = new Map(graph.nodes.map((node) => [node.id, nodeName(node)]));
  const rows = edges.toSorted((a, b) => b.rate - a.rate).slice(0, mostEnds);
  return (
    <section aria-label={props.title}>
      <h3 className="mb-1 text-xs font-medium text-ink-3">
        {props.title} <span className="tnum font-normal">{edges.length}</span>
      </h3>
      {rows.length === 0 ? <p className="text-sm text-ink-3">None told of.</p> : null}
      <ul>
        {rows.map((edge) => (
          <li key={edge.id}>
            <button
              type="button"
              onClick={() => props.onSelect(edge.id)}
              className="grid w-full grid-cols-[1fr_auto_auto] items-baseline gap-3 rounded px-1 py-0.5 text-left text-sm hover:bg-hover"
            >
              <span className="min-w-0 truncate">
                {names.get(edge[end])} <span className="text-xs text-ink-3">{edge.protocol}</span>
              </span>
              <span className="tnum text-xs text-ink-2">
                {edge.traffic === 'active' ? rateText(edge.rate) : trafficShort[edge.traffic]}
              </span>
              <span
                className={`tnum text-xs ${edge.health === 'failure' ? 'text-bad' : edge.health === 'degraded' ? 'text-warn' : 'text-ink-3'}`}
              >
                {edge.errorShare === null ? '' : `${shareText(edge.errorShare)}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {edges.length > rows.length ? (
        <p className="px-1 text-xs text-ink-3">
          {edges.length - rows.length} more; the table lists all.
        </p>
      ) : null}
    </section>
  );
}
