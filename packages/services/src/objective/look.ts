import type { Matcher, SignalCondition } from '@ambit/contracts/alerts';
import { inTenant, type Tx } from '@ambit/db/database';
import { evaluateSums, windowsOf } from '@ambit/topology/objectives/objective';
import {
  goodOf,
  subjectKey,
  subjectSignals,
  type SubjectSignals,
} from '@ambit/topology/objectives/subject-signals';
import { evaluateSoon } from '../alert/evaluate.ts';
import type { Platform } from '../kernel/context.ts';
import { effectsOf } from '../kernel/effects.ts';
import { AmbitError } from '../kernel/errors.ts';
import { residentOf } from '../topology/residents.ts';
import { lookWith, type Look } from './condition.ts';
import { toObjectiveMath, type ObjectiveStatus, type Promised } from './facts.ts';
import { toPromised } from './rows.ts';
import { isToldIn, silenceOf, type Silence } from './silence.ts';
import { standingOf } from './standing.ts';
import { addStretch, isRollDue, rollStretches, sumWindows, toldSpan } from './stretches.ts';

/** How often a mesh is looked at that has objectives or rules on signals. */
export const lookEveryMs = 10_000;
const readyMs = 8_000;

/** The signals of a mesh as one look sees them. */
export interface Seen {
  subjects: ReadonlyMap<string, SubjectSignals>;
  codes: readonly string[];
  silence: { requests: Silence; latency: Silence };
}

/**
 * Looks at the signals of a mesh: counts what its objectives are asked, says where they stand, and which rules on signals
 * hold. Alerts are evaluated when something is otherwise than before. Several workers may do it; one look counts.
 */
export async function lookAtSignals(
  platform: Platform,
  organisationId: string,
  meshId: string,
): Promise<void> {
  const { db, now } = platform;
  const claimed = await inTenant(db, organisationId, (tx) =>
    claim(tx, organisationId, meshId, now()),
  );
  if (!claimed) return;
  const seen = await see(platform, organisationId, meshId);
  if (seen === null) return;
  await inTenant(db, organisationId, (tx) => takeIn(tx, organisationId, meshId, seen, now()));
}

async function claim(tx: Tx, organisationId: string, meshId: string, now: Date): Promise<boolean> {
  const taken = await tx.$executeRaw`
    INSERT INTO mesh_signal AS m (mesh_id, organisation_id, looked_at)
    SELECT id, ${organisationId}, ${now} FROM mesh WHERE id = ${meshId}
    ON CONFLICT (mesh_id) DO UPDATE SET looked_at = excluded.looked_at
    WHERE m.looked_at <= ${new Date(now.getTime() - lookEveryMs)}`;
  return taken > 0;
}

/** Null when the mesh is gone. */
async function see(
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

/** Writes down what was seen. Repeating it with the same moment changes nothing. */
export async function takeIn(
  tx: Tx,
  organisationId: string,
  meshId: string,
  seen: Seen,
  now: Date,
): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext(${`signals/${meshId}`}))) AS lock`;
  const mesh = await tx.mesh.findUnique({ where: { id: meshId }, select: { name: true } });
  if (!mesh) return;
  const objectives = await countObjectives(tx, organisationId, meshId, seen, now);
  const rules = await lookForRules(tx, organisationId, meshId, mesh.name, seen, now);
  const { enqueue, changed } = effectsOf(tx, organisationId);
  if (objectives) await changed('objective', meshId, 'updated', meshId);
  if (rules) await changed('alert', organisationId, 'updated');
  if (objectives || rules) await evaluateSoon(tx, organisationId, now, enqueue);
}

async function countObjectives(
  tx: Tx,
  organisationId: string,
  meshId: string,
  seen: Seen,
  now: Date,
): Promise<boolean> {
  const rows = await tx.objective.findMany({ where: { meshId }, orderBy: { id: 'asc' } });
  let isNews = false;
  for (const row of rows) {
    const promised = toPromised(row);
    const before = row.status as ObjectiveStatus | null;
    const { counted, silence } = countOf(promised, seen);
    let toldMs = row.toldAt?.getTime() ?? null;
    const span = counted && toldSpan(toldMs, row.createdAt.getTime(), now.getTime());
    if (counted && span) {
      const seconds = (span.toMs - span.fromMs) / 1000;
      const { good, total } = counted;
      await addStretch(tx, organisationId, {
        objectiveId: row.id,
        ...span,
        good: good * seconds,
        total: total * seconds,
      });
      toldMs = span.toMs;
    }
    const rolls = isRollDue(row.rolledAt, now);
    if (rolls) await rollStretches(tx, row.id, row.periodDays, now);
    const sums = await sumWindows(tx, row.id, windowsOf(promised), now);
    const evaluation = evaluateSums(toObjectiveMath(promised), sums);
    const status = standingOf(promised, evaluation, toldMs, now.getTime(), silence);
    isNews ||= before?.state !== status.state || burning(before) !== burning(status);
    await tx.objective.update({
      where: { id: row.id },
      data: {
        status: status as object,
        toldAt: toldMs === null ? null : new Date(toldMs),
        ...(rolls ? { rolledAt: now } : {}),
      },
    });
  }
  return isNews;
}

const burning = (status: ObjectiveStatus | null): string =>
  (status?.burns ?? []).map(({ isBurning }) => (isBurning ? 1 : 0)).join('');

/** Good and all requests each second now; null with the reason when nobody tells. */
export function countOf(
  promised: Promised,
  { subjects, silence }: Seen,
): { counted: { good: number; total: number } | null; silence: string } {
  const quiet = promised.kind === 'latency' ? silence.latency : silence.requests;
  const found = subjects.get(subjectKey(promised.subject));
  if (!isToldIn(quiet, found?.clusters ?? [])) return { counted: null, silence: quiet.reason };
  if (!found) {
    // Somewhere nobody tells of, it may well be.
    return quiet.clusters.size > 0
      ? { counted: null, silence: quiet.reason }
      : { counted: { good: 0, total: 0 }, silence: '' };
  }
  const counted = goodOf(
    found.signals,
    promised.kind === 'latency'
      ? { kind: 'latency', thresholdMs: promised.thresholdMs ?? 0 }
      : { kind: 'availability' },
  );
  return {
    counted,
    silence: counted
      ? ''
      : `Nobody tells how many requests took at most ${promised.thresholdMs} ms: latency is off at the source, or its histogram has no such bound.`,
  };
}

async function lookForRules(
  tx: Tx,
  organisationId: string,
  meshId: string,
  meshName: string,
  seen: Seen,
  now: Date,
): Promise<boolean> {
  const rules = await tx.alertRule.findMany({
    where: { source: 'signal', enabled: true, OR: [{ meshId: null }, { meshId }] },
    orderBy: { id: 'asc' },
  });
  const looks = await tx.alertLook.findMany({ where: { meshId } });
  const lookOf = new Map(looks.map((look) => [look.ruleId, look]));
  let isNews = false;
  for (const rule of rules) {
    if (rule.signal === null) continue;
    const old = lookOf.get(rule.id);
    const before: Look | null =
      old && old.ruleVersion === rule.version
        ? {
            state: old.state as Look['state'],
            message: old.message,
            holds: old.holds as unknown as Look['holds'],
            unknown: old.unknown as Look['unknown'],
            memory: old.memory as unknown as Look['memory'],
          }
        : null;
    const look = lookWith(
      {
        matchers: rule.matchers as unknown as Matcher[],
        signal: rule.signal as unknown as SignalCondition,
      },
      meshName,
      seen.subjects.values(),
      seen.codes,
      seen.silence,
      before,
      now.getTime(),
    );
    isNews ||= before === null || gist(before) !== gist(look);
    await writeLook(tx, { organisationId, meshId, rule, look, now });
  }
  const gone = looks.filter(({ ruleId }) => !rules.some(({ id }) => id === ruleId));
  if (gone.length > 0) {
    await tx.alertLook.deleteMany({
      where: { meshId, ruleId: { in: gone.map(({ ruleId }) => ruleId) } },
    });
  }
  return isNews || gone.length > 0;
}

/** What alerts depend on. */
const gist = ({ state, holds, unknown }: Look): string =>
  JSON.stringify([state, holds.map(({ subject }) => subject), unknown]);

const writeLook = (
  tx: Tx,
  given: {
    organisationId: string;
    meshId: string;
    rule: { id: string; version: number };
    look: Look;
    now: Date;
  },
) => {
  const { organisationId, meshId, rule, look, now } = given;
  const { state, message, holds, unknown, memory } = look;
  return tx.$executeRaw`
    INSERT INTO alert_look (rule_id, mesh_id, organisation_id, at, rule_version, state, message, holds, unknown, memory)
    VALUES (${rule.id}, ${meshId}, ${organisationId}, ${now}, ${rule.version}, ${state}, ${message},
      ${JSON.stringify(holds)}::jsonb, ${JSON.stringify(unknown)}::jsonb, ${JSON.stringify(memory)}::jsonb)
    ON CONFLICT (rule_id, mesh_id) DO UPDATE SET at = excluded.at, rule_version = excluded.rule_version,
      state = excluded.state, message = excluded.message, holds = excluded.holds, unknown = excluded.unknown,
      memory = excluded.memory`;
};
