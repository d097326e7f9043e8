'use client';

import type { Graph } from '@ambit/topology/model';
import { useQueryStates } from 'nuqs';
import { type KeyboardEvent, useCallback, useId, useMemo, useRef, useState } from 'react';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { cn } from '@/lib/cn.ts';
import { ErrorState } from '@/ui/states.tsx';
import type { Look } from './draw/scene.ts';
import type { Stage } from './draw/stage.ts';
import { save, toJson, toPng } from './export.ts';
import { compareGraphs } from './model/compare.ts';
import { graphInputOf } from './model/graph-input.ts';
import { narrow } from './model/narrow.ts';
import { hopsWithin, urlState } from './model/url-state.ts';
import { step, type Arrow } from './model/walk.ts';
import { selectionOf } from './model/worst.ts';
import { edgeSentence, nodeName, nodeSentence } from './model/words.ts';
import { GraphCanvas } from './parts/canvas.tsx';
import { Controls } from './parts/controls.tsx';
import { Corner } from './parts/corner.tsx';
import { FirstState } from './parts/first-state.tsx';
import { KeysDialog } from './parts/keys-dialog.tsx';
import { Panel } from './parts/panel.tsx';
import { SourceNotes } from './parts/sources.tsx';
import { Timeline } from './parts/timeline.tsx';
import { Twin } from './parts/twin.tsx';
import { useGraph } from './use-graph.ts';
import { useLayout } from './use-layout.ts';
import { useCosts, useDrawn, useEnrolment, useMarks } from './use-scene.ts';

const nothing: Graph = { nodes: [], edges: [] };
/** Details stand beside the graph, as high as that, and the timeline below both. */
const besideGrid =
  'lg:grid-cols-[minmax(0,1fr)_auto] lg:grid-rows-[max(420px,calc(100dvh-400px))_auto]';
const iso = (ms: number): string => new Date(ms).toISOString();
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

/** The graph of the mesh in view, and everything around it. */
export function TopologyView() {
  const mesh = useMesh();
  const [url, setUrl] = useQueryStates(urlState, { history: 'replace' });
  const stage = useRef<Stage | null>(null);
  const finder = useRef<HTMLInputElement>(null);
  const [keys, setKeys] = useState(false);
  const descriptionId = useId();

  const { group, unfolded, services, idle } = url;
  const input = useMemo(
    () => graphInputOf(mesh.id, { group, unfolded, services, idle }),
    [mesh.id, group, unfolded, services, idle],
  );
  const query = useGraph(url.at === null ? input : { ...input, at: iso(url.at) });
  const other = useGraph(
    { ...input, at: url.before === null ? '' : iso(url.before) },
    url.before !== null,
  );
  const told = query.data;
  const compared = useMemo(
    () =>
      told && other.data && url.before !== null
        ? compareGraphs(other.data.graph, told.graph)
        : null,
    [told, other.data, url.before],
  );
  const whole = compared?.graph ?? told?.graph ?? nothing;
  const narrowed = useMemo(() => narrow(whole, url.where), [whole, url.where]);
  const layout = useLayout(told ? whole : undefined, told?.view ?? '', url.box);
  const enrolment = useEnrolment(mesh.id, whole, url.mode === 'enrolment');
  const sel = useMemo(
    () => selectionOf(whole, url.sel, url.focus, url.mode),
    [whole, url.sel, url.focus, url.mode],
  );
  const costs = useCosts(mesh.id, whole, url.mode === 'cost');
  const marks = useMarks(mesh.id, whole, url.marks);
  const look: Look = {
    mode: url.mode,
    box: url.box,
    changes: compared?.changes ?? null,
    enrolment,
    costs,
    marks,
    flow: url.flow,
  };
  const focus = { id: url.focus, hops: hopsWithin(url.hops) };
  const drawn = useDrawn(narrowed.graph, layout, focus, look);

  const select = useCallback((id: string) => void setUrl({ sel: id }), [setUrl]);
  const focusOn = useCallback(
    (id: string) => void setUrl({ focus: id, sel: id, show: 'graph' }),
    [setUrl],
  );
  const keepStage = useCallback((made: Stage | null) => {
    stage.current = made;
  }, []);
  const goTo = (id: string) => {
    select(id);
    const place = drawn.places.get(id);
    if (place) stage.current?.center(place, 48);
  };

  if (!told) {
    if (query.error) {
      return (
        <div className="card">
          <ErrorState error={query.error} what="the graph" onRetry={() => void query.refetch()} />
        </div>
      );
    }
    return <GraphSkeleton />;
  }
  const { answer } = told;
  if (whole.nodes.length === 0) {
    return (
      <>
        <SourceNotes sources={answer.sources} message="" isPast={url.at !== null} />
        <FirstState meshId={mesh.id} state={answer.state} message={answer.message} />
        {answer.state === 'noSource' ? null : (
          <div className="mt-3">
            <Timeline {...timelineOf()} />
          </div>
        )}
      </>
    );
  }

  function timelineOf() {
    return {
      at: url.at,
      before: url.before,
      shownAt: told?.at ?? null,
      windowS: told?.windowS ?? 0,
      isFetching: query.isFetching,
      compared,
      onChange: (moment: { at: number | null; before?: number | null }) => void setUrl(moment),
    };
  }

  const onKey = (event: KeyboardEvent) => {
    if (isTyping(event.target) || event.metaKey || event.ctrlKey || event.altKey) return;
    const selected = drawn.graph.nodes.find(({ id }) => id === sel)?.id;
    const { key } = event;
    if (key.startsWith('Arrow')) {
      const next = selected
        ? step(drawn.graph, drawn.places, selected, key as Arrow)
        : drawn.graph.nodes.toSorted((a, b) => b.inRate - a.inRate)[0]?.id;
      if (next) goTo(next);
    } else if (key === '/') finder.current?.focus();
    else if (key === 'f' && (selected || url.focus))
      focusOn(url.focus === selected ? '' : (selected ?? ''));
    else if (key === 'Enter' && selected) focusPanel();
    else if (key === 'Escape') {
      if (sel) select('');
      else if (url.focus) void setUrl({ focus: '' });
    } else if (key === '0') stage.current?.fit();
    else if (key === '+' || key === '=') stage.current?.zoom(middle(event), 1.3);
    else if (key === '-') stage.current?.zoom(middle(event), 1 / 1.3);
    else if (key === 't') void setUrl({ show: 'table' });
    else if (key === '?') setKeys(true);
    else return;
    event.preventDefault();
  };

  const exportAs = async (kind: 'png' | 'svg' | 'json') => {
    const name = `${mesh.name}-topology-${iso(told.at).slice(0, 19).replaceAll(':', '')}`;
    if (kind === 'json') {
      const { where, focus: around } = url;
      const view = {
        meshId: mesh.id,
        at: iso(told.at),
        windowS: told.windowS,
        view: { group, unfolded, where, focus: around },
      };
      return save(
        `${name}.json`,
        new Blob([toJson(drawn.graph, view)], { type: 'application/json' }),
      );
    }
    const picture = stage.current?.svg();
    if (!picture) return undefined;
    const svg = new Blob([picture.text], { type: 'image/svg+xml' });
    return save(`${name}.${kind}`, kind === 'svg' ? svg : await toPng(picture.text, picture.size));
  };

  const isBeside = url.show === 'graph' && sel !== '';
  return (
    <div className="flex flex-col gap-2">
      <Controls
        url={url}
        setUrl={(next) => void setUrl(next)}
        graph={whole}
        shown={drawn.graph}
        problem={narrowed.problem}
        finder={finder}
        onFound={goTo}
        onExport={(kind) => void exportAs(kind)}
        onKeys={() => setKeys(true)}
        input={
          query.isPlaceholderData
            ? input
            : { ...input, ...(url.at === null ? {} : { at: iso(url.at) }) }
        }
      />
      <SourceNotes
        sources={answer.sources}
        message={answer.state === 'failed' ? answer.message : ''}
        isPast={url.at !== null}
      />
      <div className={cn('grid grid-cols-[minmax(0,1fr)] gap-2', isBeside && besideGrid)}>
        {url.show === 'table' ? (
          <Twin
            graph={drawn.graph}
            compared={compared}
            marks={marks}
            costs={costs}
            onSelect={select}
          />
        ) : (
          <div
            className={cn(
              'card relative h-[max(420px,calc(100dvh-400px))] min-w-0 max-sm:h-[64dvh]',
              isBeside && 'lg:h-full',
            )}
          >
            <GraphCanvas
              prepared={drawn.prepared}
              graph={drawn.graph}
              box={url.box}
              selected={sel}
              flow={url.flow}
              fitKey={`${url.focus} ${focus.hops} ${url.box} ${told.view} ${layout === null}`}
              label={`Graph of ${mesh.name}: ${drawn.graph.nodes.length} nodes, ${drawn.graph.edges.length} edges`}
              describedBy={descriptionId}
              onSelect={select}
              onOpen={(id) =>
                id.includes('>') || id.startsWith('box:') ? select(id) : focusOn(id)
              }
              onKey={onKey}
              onStage={keepStage}
            />
            {drawn.graph.nodes.length === 0 ? (
              <p
                role="status"
                className="pointer-events-none absolute inset-x-6 top-1/3 text-center text-sm text-ink-2"
              >
                Nothing in the graph fits the filter now. Loosen it, or show all.
              </p>
            ) : null}
            <p id={descriptionId} className="sr-only">
              Arrow keys walk along edges, Enter opens details, slash finds, f focuses, question
              mark lists all keys. The table shows the same graph.
            </p>
            <p aria-live="polite" className="sr-only">
              {sayOf(sel, drawn.graph)}
            </p>
            <Corner
              mode={url.mode}
              compares={compared !== null}
              costs={costs}
              marks={url.marks}
              focus={url.focus}
              focusName={nameOf(url.focus, drawn.graph)}
              hops={focus.hops}
              left={drawn.left}
              isStale={query.isPlaceholderData}
              onHops={(hops) => void setUrl({ hops })}
              onWhole={() => void setUrl({ focus: '' })}
              onZoom={(by) => stage.current?.zoom(centreOf(), by)}
              onFit={() => stage.current?.fit()}
            />
          </div>
        )}
        {sel ? (
          <Panel
            meshId={mesh.id}
            graph={whole}
            selected={sel}
            box={url.box}
            at={url.at}
            floats={isBeside}
            compared={compared}
            onSelect={goTo}
            onFocus={focusOn}
            onClose={() => select('')}
          />
        ) : null}
        <Timeline {...timelineOf()} />
      </div>
      {keys ? <KeysDialog onClose={() => setKeys(false)} /> : null}
    </div>
  );
}

const focusPanel = (): void =>
  document.querySelector<HTMLElement>('aside[aria-label="Details"] :is(a, button)')?.focus();

const canvasBox = (): DOMRect | undefined =>
  document.querySelector('[aria-roledescription="graph"]')?.getBoundingClientRect();

function centreOf(): { x: number; y: number } {
  const box = canvasBox();
  return { x: (box?.width ?? 0) / 2, y: (box?.height ?? 0) / 2 };
}

const middle = (event: KeyboardEvent): { x: number; y: number } => {
  const box = event.currentTarget.getBoundingClientRect();
  return { x: box.width / 2, y: box.height / 2 };
};

function nameOf(id: string, { nodes }: Graph): string {
  const node = nodes.find((each) => each.id === id);
  return node ? nodeName(node) : '';
}

function sayOf(id: string, graph: Graph): string {
  const node = graph.nodes.find((each) => each.id === id);
  if (node) return nodeSentence(node);
  const edge = graph.edges.find((each) => each.id === id);
  return edge ? edgeSentence(edge, nameOf(edge.source, graph), nameOf(edge.target, graph)) : '';
}

function GraphSkeleton() {
  return (
    <div role="status" aria-label="Loading the graph" className="flex flex-col gap-2">
      <div className="flex gap-2">
        <div className="skeleton h-8 w-40" />
        <div className="skeleton h-8 grow" />
        <div className="skeleton h-8 w-64 max-md:hidden" />
      </div>
      <div className="card h-[max(420px,calc(100dvh-400px))]" />
    </div>
  );
}
