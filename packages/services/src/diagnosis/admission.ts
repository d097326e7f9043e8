import type { Change } from '@ambit/analysis/incremental';
import { canonicalJson } from '@ambit/contracts/canonical';
import { inTenant, type Database } from '@ambit/db/database';
import type { Admission, AdmissionRequest } from '@ambit/kube-api/admission';
import { ApiError, forbidden } from '@ambit/kube-api/status';
import type { StoredObject } from '@ambit/kube-api/store/store';
import type { KubeObject } from '@ambit/kube-api/types';
import { wishOf } from '../mesh-api/wish.ts';
import { createBudget, type Droppable } from './budget.ts';
import { findingLine, judge } from '@ambit/analysis/admission/verdict';
import { matters } from '@ambit/analysis/admission/told';
import { isOff, type AdmissionSettings } from '@ambit/analysis/admission/settings';
import { loadSettings } from './settings.ts';
import { isTouched } from './touched.ts';
import { refreshWarm, resourceOfObject, type Warm } from './warm.ts';

/** A write of the mesh's log, as its store follows it. */
export interface Followed {
  object: StoredObject;
  deleted: boolean;
}

/** The diagnosis in the admission chain of one mesh's Kubernetes API. */
export interface MeshAdmission {
  admission: Admission;
  /** Told of every write that the store took, in order; cheap: read when the next write asks. */
  followed(entries: readonly Followed[]): void;
  close(): void;
}

/** Of all meshes together, in this process. */
const mostResources = 150_000;
const budget = createBudget(mostResources);

export interface MeshAdmissionOptions {
  db: Database;
  organisationId: string;
  meshId: string;
  now: () => Date;
  onError: (error: unknown) => void;
}

/** How long settings and facts of clusters are gone by before they are read again, beside the writes. */
const keptMs = 2_000;
/** How long the first write of a mesh waits for its analysis; then it passes unasked, and the next ones find it. */
const openMs = 2_000;
const mostWaiting = 5_000;

/**
 * Asks the diagnosis about every write, from memory: writes of this process are followed as the store takes them,
 * everything else is read beside the writes. Whatever fails here is told and lets the write pass.
 */
export function meshAdmission(options: MeshAdmissionOptions): MeshAdmission {
  const { db, organisationId, meshId, now, onError } = options;
  let warm: Warm | undefined;
  let settings: AdmissionSettings | undefined;
  let readAt = 0;
  let reading: Promise<void> | undefined;
  let waiting: Followed[] = [];
  let lost = false;
  const memory: Droppable = {
    size: () => warm?.incremental.size() ?? 0,
    drop: () => {
      warm = undefined;
      waiting = [];
      readAt = 0;
    },
  };

  async function read(): Promise<void> {
    try {
      settings = await inTenant(db, organisationId, (tx) => loadSettings(tx, meshId));
      if (!isOff(settings)) {
        const from = lost ? undefined : warm;
        lost = false;
        warm = await refreshWarm((work) => inTenant(db, organisationId, work), meshId, from, now());
        if (warm) budget.used(memory);
      } else {
        warm = undefined;
        waiting = [];
      }
      readAt = Date.now();
    } catch (error) {
      warm = undefined;
      readAt = Date.now();
      onError(error);
    } finally {
      reading = undefined;
    }
  }

  const readSoon = (): Promise<void> => (reading ??= read());

  /** Takes what the store took since; undefined when something is missing in between. */
  function caughtUp(): Warm | undefined {
    if (!warm || lost) return undefined;
    const changes: Change[] = [];
    for (const { object, deleted } of waiting) {
      if (object.revision <= warm.revision) continue;
      if (object.revision !== warm.revision + 1) {
        lost = true;
        break;
      }
      warm.revision = object.revision;
      const change = changeOf(JSON.parse(object.bytes.toString('utf8')) as KubeObject, deleted);
      if (change) changes.push(change);
    }
    waiting = [];
    if (lost) return undefined;
    if (changes.length > 0) warm.incremental.apply(changes);
    return warm;
  }

  async function ready(): Promise<Warm | undefined> {
    const isStale = Date.now() - readAt > keptMs || isTouched(meshId);
    if (isStale) await within(readSoon(), openMs);
    if (!settings || isOff(settings)) return undefined;
    return caughtUp() ?? (lost ? (await within(readSoon(), openMs), caughtUp()) : undefined);
  }

  async function validate(request: AdmissionRequest): Promise<void> {
    const change = changeOfRequest(request);
    if (!change || !mayIntroduce(request)) return;
    try {
      const ask = await ready();
      if (!ask || !settings) return;
      const { denied, warned } = judge(ask.incremental, settings, [change], now().getTime());
      const [first] = denied;
      if (first) {
        throw forbidden(
          request.version.resource,
          request.name,
          `the mesh denies what it would introduce: ${denied.map(findingLine).join(' ')}`,
        );
      }
      for (const finding of warned.slice(0, 10)) request.warn(findingLine(finding));
      if (warned.length > 10) request.warn(`and ${warned.length - 10} more findings`);
    } catch (error) {
      if (error instanceof ApiError) throw error;
      warm = undefined;
      onError(error);
    }
  }

  return {
    admission: { name: 'diagnosis', validate },
    followed(entries) {
      if (!warm) return;
      if (waiting.length + entries.length > mostWaiting) {
        waiting = [];
        lost = true;
        return;
      }
      waiting.push(...entries);
    },
    close: () => budget.forget(memory),
  };
}

function changeOf(object: KubeObject, deleted: boolean): Change | undefined {
  const { kind } = object;
  if (!matters(kind) && kind !== 'Gateway') return undefined;
  const resource = resourceOfObject(wishOf(object));
  if (!resource) return undefined;
  return deleted ? { remove: resource.id } : { put: resource };
}

function changeOfRequest({ operation, subresource, object, old, version }: AdmissionRequest) {
  if (subresource !== '') return undefined;
  const subject = operation === 'DELETE' ? old : object;
  if (!subject) return undefined;
  return changeOf({ ...subject, apiVersion: version.apiVersion }, operation === 'DELETE');
}

/** A write that leaves what rules look at as it is introduces nothing. */
function mayIntroduce({ operation, object, old }: AdmissionRequest): boolean {
  if (operation !== 'UPDATE' || !object || !old) return true;
  const seen = ({ spec, metadata }: KubeObject) =>
    canonicalJson([spec ?? null, metadata.labels ?? {}, metadata.annotations ?? {}]);
  return seen(object) !== seen(old);
}

async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
