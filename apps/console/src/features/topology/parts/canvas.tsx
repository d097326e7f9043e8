'use client';

import type { Graph } from '@ambit/topology/model';
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { cn } from '@/lib/cn.ts';
import type { Camera } from '../draw/camera.ts';
import { lightScene } from '../draw/light.ts';
import type { Scene } from '../draw/scene.ts';
import { createStage, type Stage } from '../draw/stage.ts';
import type { Place } from '../model/hood.ts';
import type { Boxing } from '../model/url-state.ts';

interface Props {
  prepared: Scene;
  /** What is drawn. */
  graph: Graph;
  box: Boxing;
  selected: string;
  flow: boolean;
  /** The picture is fitted anew when this changes. */
  fitKey: string;
  /** What a screen reader hears of it. */
  label: string;
  describedBy: string;
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
  onKey: (event: KeyboardEvent) => void;
  onStage: (stage: Stage | null) => void;
}

const wantsStill = (): boolean => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Where the graph is drawn, moved and pointed at: drag, wheel, pinch, double click, and keys. */
export function GraphCanvas(props: Props) {
  const { prepared, graph, box, selected } = props;
  const [life, setLife] = useState(0);
  // Kept here: what is pointed at concerns the picture, and nothing around it.
  const [hovered, setHovered] = useState('');
  const scene = useMemo(
    () => lightScene(prepared, graph, { box, selected, hovered }),
    [prepared, graph, box, selected, hovered],
  );
  return (
    <LivingCanvas
      key={life}
      {...props}
      scene={scene}
      hovered={hovered}
      onHover={setHovered}
      onLost={() => setLife(life + 1)}
    />
  );
}

interface Living extends Props {
  scene: Scene;
  hovered: string;
  onHover: (id: string) => void;
  onLost: () => void;
}

/** One life of the picture: the browser may take a context away, and then everything is made anew. */
function LivingCanvas(props: Living) {
  const { scene, selected, hovered, flow, fitKey, onStage } = props;
  const frame = useRef<HTMLDivElement>(null);
  const words = useRef<HTMLCanvasElement>(null);
  const stage = useRef<Stage | null>(null);
  const fitted = useRef('');
  const lost = useRef(props.onLost);
  const [isMissing, setMissing] = useState(false);

  useEffect(() => {
    if (!frame.current || !words.current) return undefined;
    // A canvas whose context was given up never gets another: each life has its own.
    const canvas = document.createElement('canvas');
    canvas.className = 'absolute inset-0 size-full';
    canvas.setAttribute('aria-hidden', 'true');
    frame.current.prepend(canvas);
    const made = createStage({
      picture: canvas,
      words: words.current,
      still: wantsStill(),
      onCamera: noteCamera(frame.current),
    });
    setMissing(made === null);
    if (!made) return () => canvas.remove();
    stage.current = made;
    const element = frame.current;
    const size = new ResizeObserver(() =>
      made.resize({ width: element.clientWidth, height: element.clientHeight }),
    );
    size.observe(element);
    made.resize({ width: element.clientWidth, height: element.clientHeight });
    const theme = new MutationObserver(() => made.recolour());
    theme.observe(document.documentElement, { attributeFilter: ['data-theme', 'class'] });
    void document.fonts?.ready.then(() => made.recolour());
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const box = element.getBoundingClientRect();
      const at = { x: event.clientX - box.left, y: event.clientY - box.top };
      const lines = event.deltaMode === 1 ? 16 : 1;
      made.zoom(at, Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0022)));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    const onLost = () => lost.current();
    canvas.addEventListener('webglcontextlost', onLost, { once: true });
    onStage(made);
    fitted.current = '';
    return () => {
      size.disconnect();
      theme.disconnect();
      element.removeEventListener('wheel', onWheel);
      canvas.removeEventListener('webglcontextlost', onLost);
      made.destroy();
      canvas.remove();
      stage.current = null;
      onStage(null);
    };
  }, [onStage]);

  useEffect(() => {
    stage.current?.show(scene, { selected, hovered });
    if (scene.nodes.length > 0 && fitted.current !== fitKey) {
      stage.current?.fit(undefined, fitted.current !== '');
      fitted.current = fitKey;
      performance.mark('topology:picture');
    }
  }, [scene, selected, hovered, fitKey]);
  useEffect(() => stage.current?.flow(flow), [flow]);

  const pointers = usePointers(stage, props);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a graph is walked with keys
    <div
      ref={frame}
      role="application"
      aria-roledescription="graph"
      aria-label={props.label}
      aria-describedby={props.describedBy}
      tabIndex={0}
      onKeyDown={props.onKey}
      {...pointers}
      data-graph-nodes={scene.nodes.length}
      data-graph-edges={scene.edges.length}
      className={cn(
        'absolute inset-0 touch-none overflow-hidden rounded-lg select-none focus-visible:outline-offset-[-2px]',
        hovered ? 'cursor-pointer' : 'cursor-grab active:cursor-grabbing',
      )}
    >
      <canvas
        ref={words}
        className="pointer-events-none absolute inset-0 size-full"
        aria-hidden="true"
      />
      {isMissing ? (
        <p className="absolute inset-x-6 top-1/3 text-center text-sm text-ink-2">
          This browser does not draw with WebGL 2. The table shows the same graph.
        </p>
      ) : null}
    </div>
  );
}

const noteCamera =
  (element: HTMLElement) =>
  ({ scale }: Camera): void => {
    element.dataset['scale'] = scale.toFixed(1);
  };

const clickPx = 5;

function usePointers(stage: React.RefObject<Stage | null>, props: Living) {
  const down = useRef(new Map<number, Place>());
  const travelled = useRef(0);
  const hoverRequest = useRef(0);
  const place = (event: PointerEvent<HTMLElement> | React.MouseEvent<HTMLElement>): Place => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const spread = (): { middle: Place; far: number } => {
    const [a, b = a] = [...down.current.values()] as [Place, Place?];
    return {
      middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
      far: Math.hypot(a.x - b.x, a.y - b.y),
    };
  };
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (down.current.size === 0) travelled.current = 0;
      down.current.set(event.pointerId, place(event));
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const at = place(event);
      if (!down.current.has(event.pointerId)) {
        cancelAnimationFrame(hoverRequest.current);
        hoverRequest.current = requestAnimationFrame(() =>
          props.onHover(stage.current?.pick(at) ?? ''),
        );
        return;
      }
      const before = spread();
      down.current.set(event.pointerId, at);
      const now = spread();
      const dx = now.middle.x - before.middle.x;
      const dy = now.middle.y - before.middle.y;
      travelled.current += Math.hypot(dx, dy) + Math.abs(now.far - before.far);
      if (travelled.current < clickPx) return;
      stage.current?.pan(dx, dy);
      if (before.far > 0 && now.far > 0) stage.current?.zoom(now.middle, now.far / before.far);
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      const wasAlone = down.current.size === 1;
      down.current.delete(event.pointerId);
      if (wasAlone && travelled.current < clickPx) {
        props.onSelect(stage.current?.pick(place(event)) ?? '');
      }
    },
    onPointerCancel: (event: PointerEvent<HTMLElement>) => {
      down.current.delete(event.pointerId);
    },
    onPointerLeave: () => {
      cancelAnimationFrame(hoverRequest.current);
      props.onHover('');
    },
    onDoubleClick: (event: React.MouseEvent<HTMLElement>) => {
      const at = place(event);
      const id = stage.current?.pick(at) ?? '';
      if (id) props.onOpen(id);
      else stage.current?.zoom(at, 1.8);
    },
  };
}
