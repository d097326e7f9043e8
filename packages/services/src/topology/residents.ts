import type { Database } from '@ambit/db/database';
import type { Platform } from '../kernel/context.ts';
import { AmbitError, notFound } from '../kernel/errors.ts';
import { createResident, type Resident } from './resident.ts';

/** Meshes whose graphs one process keeps at once. */
const mostResidents = 24;
/** How long a graph is kept fresh after somebody looked last. */
const idleMs = 3 * 60_000;
/** Whoever looked this recently is still looking. */
const lookingMs = 30_000;
const sweepMs = 15_000;

interface Residents {
  byMesh: Map<string, Promise<Resident | null>>;
  looks: Map<string, number>;
  sweep: NodeJS.Timeout;
}

const ofProcess = new WeakMap<Database, Residents>();

function residentsOf(db: Database): Residents {
  const known = ofProcess.get(db);
  if (known) return known;
  const residents: Residents = {
    byMesh: new Map(),
    looks: new Map(),
    sweep: setInterval(() => {
      for (const [key, at] of residents.looks) {
        if (Date.now() - at > idleMs) void drop(residents, key);
      }
    }, sweepMs).unref(),
  };
  ofProcess.set(db, residents);
  return residents;
}

async function drop(residents: Residents, key: string): Promise<void> {
  const resident = residents.byMesh.get(key);
  residents.byMesh.delete(key);
  residents.looks.delete(key);
  await (await resident?.catch(() => null))?.end();
}

/**
 * The resident graph of a mesh; begun when nobody looked at it lately. One that is looked at longest ago makes room.
 * @throws AmbitError not_found; unavailable when too many meshes are looked at right now
 */
export async function residentOf(
  platform: Platform,
  organisationId: string,
  meshId: string,
): Promise<Resident> {
  const residents = residentsOf(platform.db);
  const { byMesh, looks } = residents;
  const key = `${organisationId}/${meshId}`;
  if (!byMesh.has(key)) {
    if (byMesh.size >= mostResidents) makeRoom(residents);
    const created = createResident({ platform, organisationId, meshId });
    byMesh.set(key, created);
    created.then(
      (resident) => {
        if (resident === null && byMesh.get(key) === created) void drop(residents, key);
      },
      () => {
        if (byMesh.get(key) === created) void drop(residents, key);
      },
    );
  }
  looks.set(key, Date.now());
  const resident = await byMesh.get(key);
  if (!resident) throw notFound('mesh', meshId);
  return resident;
}

/**
 * The resident graph of a mesh if this process keeps one already; null when nobody looked at it lately. This is no
 * look: it neither begins a graph nor keeps it for longer.
 */
export async function keptResidentOf(
  platform: Platform,
  organisationId: string,
  meshId: string,
): Promise<Resident | null> {
  return (await residentsOf(platform.db).byMesh.get(`${organisationId}/${meshId}`)) ?? null;
}

function makeRoom(residents: Residents): void {
  const [oldest] = [...residents.looks].toSorted(([, a], [, b]) => a - b);
  if (!oldest || Date.now() - oldest[1] < lookingMs) {
    throw new AmbitError(
      'unavailable',
      `graphs of ${mostResidents} meshes are looked at right now, which is as many as one server keeps`,
      { fix: 'try again in half a minute, or run more servers' },
    );
  }
  void drop(residents, oldest[0]);
}

/** Ends every resident graph of this process; before its database is closed. */
export async function endResidents(db: Database): Promise<void> {
  const residents = ofProcess.get(db);
  if (!residents) return;
  clearInterval(residents.sweep);
  ofProcess.delete(db);
  await Promise.all([...residents.byMesh.keys()].map((key) => drop(residents, key)));
}
