import { subjectSignals, type SubjectSignals } from '@ambit/topology/objectives/subject-signals';
import type { Platform } from '../kernel/context.ts';
import { AmbitError } from '../kernel/errors.ts';
import { residentOf } from '../topology/residents.ts';
import { silenceOf, type Silence } from './silence.ts';

const readyMs = 8_000;

/** The signals of a mesh as one look sees them. */
export interface Seen {
  subjects: ReadonlyMap<string, SubjectSignals>;
  codes: readonly string[];
  silence: { requests: Silence; latency: Silence };
}

/** What the resident graph of a mesh says now. Null when the mesh is gone. */
export async function see(
  platform: Platform,
  organisationId: string,
  meshId: string,
): Promise<Seen | null> {
  try {
    const resident = await residentOf(platform, organisationId, meshId);
    await resident.ready(readyMs);
    const { store } = resident;
    const standings = resident.standings();
    const { clusters } = resident.mesh();
    return {
      subjects: subjectSignals(store, resident.inventory()),
      codes: store.registry.codes,
      silence: {
        requests: silenceOf(standings, clusters, 'requests'),
        latency: silenceOf(standings, clusters, 'latency'),
      },
    };
  } catch (error) {
    if (error instanceof AmbitError && error.code === 'not_found') return null;
    const reason = error instanceof AmbitError ? error.message : 'The signals cannot be read now.';
    platform.complain?.('the signals of a mesh could not be read', error);
    const all: Silence = { all: true, clusters: new Set(), reason };
    return { subjects: new Map(), codes: [], silence: { requests: all, latency: all } };
  }
}
