'use client';

import type { Graph } from '@ambit/topology/model';
import type { Layout } from '@ambit/topology/layout/shape';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { LayoutAnswer, LayoutRequest } from './layout.worker.ts';
import { packShape } from './model/shape.ts';
import { boxOf } from './draw/scene.ts';
import { takeLayoutWorker } from './layout-worker.ts';
import type { Boxing } from './model/url-state.ts';

/** Says whether two graphs have the same nodes and edges, whatever their numbers. */
export function shapeKey({ nodes, edges }: Graph): string {
  let sum = 17;
  const mix = (text: string): void => {
    for (let at = 0; at < text.length; at++) sum = (Math.imul(sum, 31) + text.charCodeAt(at)) | 0;
  };
  for (const { id } of nodes) mix(id);
  for (const { source, target } of edges) {
    mix(source);
    mix(target);
  }
  return `${nodes.length} ${edges.length} ${sum}`;
}

/**
 * Places for a graph, made in a worker. They come again only when nodes or edges come or go, and with the same key
 * nobody who was there moves.
 */
export function useLayout(graph: Graph | undefined, key: string, box: Boxing): Layout | null {
  const worker = useRef<Worker | null>(null);
  const sequence = useRef(0);
  const [layout, setLayout] = useState<{ key: string; layout: Layout } | null>(null);
  const shape = useMemo(() => (graph ? shapeKey(graph) : ''), [graph]);
  const latest = useRef(graph);
  useEffect(() => {
    latest.current = graph;
  });
  const whole = `${key} ${box}`;

  useEffect(() => {
    const made = takeLayoutWorker();
    made.addEventListener('message', ({ data }: MessageEvent<LayoutAnswer>) => {
      if (data.sequence === sequence.current) setLayout({ key: data.key, layout: data.layout });
    });
    worker.current = made;
    return () => {
      made.terminate();
      worker.current = null;
    };
  }, []);

  useEffect(() => {
    const given = latest.current;
    if (!given || !worker.current || shape === '') return;
    const request: LayoutRequest = {
      key: whole,
      sequence: ++sequence.current,
      ...packShape(given, (node) => boxOf(node, box)),
    };
    const { ends, weights } = request;
    worker.current.postMessage(request, { transfer: [ends.buffer, weights.buffer] });
  }, [shape, whole, box]);

  return layout?.key === whole ? layout.layout : null;
}
