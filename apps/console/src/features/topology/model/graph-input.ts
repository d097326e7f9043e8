import type { groupings } from './url-state.ts';

/** What the graph is asked by; the same in the script that asks before all others (lib/early-script.ts). */
export interface GraphInput {
  meshId: string;
  group: (typeof groupings)[number];
  ambient: 'folded' | 'unfolded';
  services: 'true' | 'false';
  idle: 'true' | 'false';
  at?: string;
}

/** The part of the page's address that decides what is asked, as the question. */
export const graphInputOf = (
  meshId: string,
  url: { group: GraphInput['group']; unfolded: boolean; services: boolean; idle: boolean },
): GraphInput => ({
  meshId,
  group: url.group,
  ambient: url.unfolded ? 'unfolded' : 'folded',
  services: url.services ? 'true' : 'false',
  idle: url.idle ? 'true' : 'false',
});
