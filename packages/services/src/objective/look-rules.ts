import type { Matcher, SignalCondition } from '@ambit/contracts/alerts';
import type { Tx } from '@ambit/db/database';
import { lookWith, type Look } from './condition.ts';
import type { Seen } from './see.ts';

/** Which rules on signals hold in a mesh, kept with one query for all of them. True when alerts may depend on it. */
export async function lookForRules(
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
  const looked: Looked[] = [];
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
    looked.push({ rule, look });
  }
  await writeLooks(tx, organisationId, meshId, looked, now);
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

interface Looked {
  rule: { id: string; version: number };
  look: Look;
}

/** Rules that were deleted meanwhile are left out. */
export async function writeLooks(
  tx: Tx,
  organisationId: string,
  meshId: string,
  looked: readonly Looked[],
  now: Date,
): Promise<void> {
  if (looked.length === 0) return;
  const json = (of: (look: Look) => unknown) => looked.map(({ look }) => JSON.stringify(of(look)));
  await tx.$executeRaw`
    INSERT INTO alert_look (rule_id, mesh_id, organisation_id, at, rule_version, state, message, holds, unknown, memory)
    SELECT l.rule_id, ${meshId}, ${organisationId}, ${now}, l.version, l.state, l.message,
      l.holds::jsonb, l.unknown::jsonb, l.memory::jsonb
    FROM unnest(
      ${looked.map(({ rule }) => rule.id)}::text[],
      ${looked.map(({ rule }) => rule.version)}::int[],
      ${looked.map(({ look }) => look.state)}::text[],
      ${looked.map(({ look }) => look.message)}::text[],
      ${json(({ holds }) => holds)}::text[],
      ${json(({ unknown }) => unknown)}::text[],
      ${json(({ memory }) => memory)}::text[]
    ) AS l(rule_id, version, state, message, holds, unknown, memory)
    JOIN alert_rule r ON r.id = l.rule_id
    FOR KEY SHARE OF r
    ON CONFLICT (rule_id, mesh_id) DO UPDATE SET at = excluded.at, rule_version = excluded.rule_version,
      state = excluded.state, message = excluded.message, holds = excluded.holds, unknown = excluded.unknown,
      memory = excluded.memory`;
}
