import { compare, placeOf } from './compare.ts';
import type { Disagreement, Told } from './compare.ts';
import { askPeer } from './peer.ts';
import type { PeerAnswer, PeerCase } from './peer.ts';

/** Go visits small maps in some orders once in ten times only, so that few runs would miss them. */
const runs = 200;
const batch = 20;

/**
 * Takes out what the library itself tells in some runs only, as its answer depends on the order of a Go map:
 * - IST0151 and IST0155, by whether an EnvoyFilter of the same filter with a proxyVersion was visited before;
 * - IST0101 and IST0112 of destinations, of several ServiceEntries whose wildcard fits the host;
 * - IST0101 and IST0161 of Gateways whose pods are in several namespaces, of which the first is taken;
 * - IST0148 and IST0102, by the injector's configuration that was looked at last.
 */
export async function withoutChance(
  peer: string,
  one: PeerCase,
  ours: readonly Told[],
): Promise<Disagreement> {
  let left: Disagreement | undefined;
  for (let asked = 0; asked < runs; asked += batch) {
    const answers = await askPeer(
      peer,
      Array.from({ length: batch }, () => one),
    );
    for (const other of answers.map((answer) => compare(ours, answer))) {
      const stays = (side: keyof Disagreement): Told[] =>
        (left ?? other)[side].filter((told) =>
          other[side].some((entry) => placeOf(entry) === placeOf(told)),
        );
      left = { missing: stays('missing'), surplus: stays('surplus') };
    }
    if (left && left.missing.length + left.surplus.length === 0) break;
  }
  return left ?? { missing: [], surplus: [] };
}

/** The library ends in a nil pointer on an AuthorizationPolicy with a `from` that has no source, and says nothing. */
export const isKnownPanic = ({ panic }: PeerAnswer): boolean =>
  panic?.includes('analyzeNamespaceNotFound') === true;
