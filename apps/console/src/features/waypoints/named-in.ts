import type { WaypointDetail } from './words.ts';

/** Policies of which a refusal of Envoy speaks: those whose name stands in it. */
export const namedIn = (text: string, bound: WaypointDetail['bound']): WaypointDetail['bound'] =>
  bound.filter(({ name }) => new RegExp(`(^|[^\\w-])${escaped(name)}($|[^\\w-])`).test(text));

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
