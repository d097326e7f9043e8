import type { GraphEdge } from '@ambit/topology/model';
import type { DrawnBox, DrawnEdge, Tone } from './scene.ts';

/** From so many edges on they are bundled between boxes where one looks from afar. */
export const bundleFrom = 1_500;
/** Bundles that are shown in full; the rest fades. */
const strong = 30;
/** Bundles that are drawn at all. */
const mostBundles = 140;

/** The part of a bundle's traffic from which on it has the colour of its trouble. */
const troubledFrom = 0.1;

interface Bundle {
  from: number;
  to: number;
  rate: number;
  edges: number;
  byTone: Map<Tone, number>;
}

/**
 * All edges from one box to another as one, for looking from afar: as wide as its traffic, in the colour of its trouble
 * where that is a tenth of it, else of most of it. Edges within a box are left out. The least important first.
 */
export function bundlesOf(
  edges: readonly { edge: GraphEdge; tone: Tone }[],
  boxOfNode: ReadonlyMap<string, number>,
  boxes: readonly DrawnBox[],
): DrawnEdge[] {
  const bundles = new Map<number, Bundle>();
  for (const { edge, tone } of edges) {
    const from = boxOfNode.get(edge.source);
    const to = boxOfNode.get(edge.target);
    if (from === undefined || to === undefined || from === to) continue;
    const key = from * boxes.length + to;
    let bundle = bundles.get(key);
    if (bundle === undefined) {
      bundles.set(key, (bundle = { from, to, rate: 0, edges: 0, byTone: new Map() }));
    }
    bundle.rate += edge.rate;
    bundle.edges++;
    bundle.byTone.set(tone, (bundle.byTone.get(tone) ?? 0) + edge.rate);
  }
  const all = [...bundles.values()]
    .map((bundle) => ({ bundle, tone: toneOf(bundle) }))
    .sort((a, b) => rank(a.tone) - rank(b.tone) || a.bundle.rate - b.bundle.rate);
  const ranked = all.slice(-mostBundles);
  return ranked.map(({ bundle, tone }, at) => ({
    id: `${boxes[bundle.from]!.id}>${boxes[bundle.to]!.id}`,
    from: bundle.from,
    to: bundle.to,
    bend: 0.1,
    width: 1.2 + Math.min(3.4, Math.log10(1 + bundle.rate) * 0.9),
    tone,
    strength: Math.max(0.08, Math.min(0.9, strong / (ranked.length - at))),
    most: 1,
    dashed: bundle.rate === 0,
    flow: 0,
    label: '',
    detail: '',
  }));
}

const rank = (tone: Tone): number => (tone === 'bad' ? 2 : tone === 'warn' ? 1 : 0);

function toneOf({ rate, byTone }: Bundle): Tone {
  if (!(rate > 0)) return 'line';
  const bad = byTone.get('bad') ?? 0;
  const warn = byTone.get('warn') ?? 0;
  if (bad / rate >= troubledFrom) return 'bad';
  if ((bad + warn) / rate >= troubledFrom) return 'warn';
  let most: Tone = 'line';
  let least = 0;
  for (const [tone, part] of byTone) {
    if (part <= least || tone === 'bad' || tone === 'warn') continue;
    most = tone;
    least = part;
  }
  return most;
}
