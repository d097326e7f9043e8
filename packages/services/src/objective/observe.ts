import type { SignalCondition } from '@ambit/contracts/alerts';
import { burnSeverities } from '@ambit/contracts/operations/objective';
import type { Tx } from '@ambit/db/database';
import type { Gap, Observation, Told } from '../alert/facts.ts';
import { graphPath, labelsOf, summaryOf, type Hold, type Look } from './condition.ts';
import { unknownAfterMs, type ObjectiveStatus } from './facts.ts';
import { toPromised } from './rows.ts';
import { percent } from './standing.ts';

const stopped = 'The signals were not looked at for two minutes: is a worker running?';

async function meshNames(tx: Tx): Promise<Map<string, string>> {
  const meshes = await tx.mesh.findMany({ select: { id: true, name: true } });
  return new Map(meshes.map(({ id, name }) => [id, name]));
}

/** What rules on signals saw last, as alerts are raised for it. */
export async function observeSignals(tx: Tx, now: Date): Promise<Told> {
  const names = await meshNames(tx);
  const rules = await tx.alertRule.findMany({ where: { source: 'signal', enabled: true } });
  const looks = await tx.alertLook.findMany({
    omit: { memory: true },
    orderBy: [{ ruleId: 'asc' }, { meshId: 'asc' }],
  });
  const observations: Observation[] = [];
  const gaps: Gap[] = [];
  const source = 'signal' as const;
  for (const rule of rules) {
    const signal = rule.signal as unknown as SignalCondition | null;
    if (signal === null) continue;
    const mine = looks.filter(({ ruleId }) => ruleId === rule.id);
    const known = new Set<string>();
    for (const look of mine) {
      const { meshId } = look;
      const gap = { source, ruleId: rule.id, meshId };
      known.add(meshId);
      // What was seen with other thresholds says nothing about these.
      if (look.ruleVersion !== rule.version) {
        gaps.push({
          ...gap,
          subjects: null,
          reason: 'The rule was changed; it is looked at anew.',
        });
        continue;
      }
      if (now.getTime() - look.at.getTime() > unknownAfterMs) {
        gaps.push({ ...gap, subjects: null, reason: stopped });
        continue;
      }
      const unknown = look.unknown as Look['unknown'];
      if (unknown !== null) {
        const subjects =
          unknown === '*' ? null : new Set(unknown.map((subject) => `${meshId}/${subject}`));
        gaps.push({ ...gap, subjects, reason: look.message });
      }
      const mesh = names.get(meshId) ?? meshId;
      for (const hold of look.holds as unknown as Hold[]) {
        observations.push({
          source,
          ofRule: rule.id,
          subject: `${meshId}/${hold.subject}`,
          meshId,
          severity: signal.severity,
          summary: summaryOf(hold, signal),
          description: `In the mesh ${mesh}, ${hold.clusters.length > 0 ? `in ${hold.clusters.join(', ')}, ` : ''}by what its proxies tell.`,
          labels: { ...labelsOf(hold, signal), mesh, cluster: hold.clusters.join(',') },
          link: graphPath(meshId, hold, new Date(hold.since), signal.signal),
        });
      }
    }
    for (const meshId of names.keys()) {
      if (known.has(meshId)) continue;
      gaps.push({
        source,
        ruleId: rule.id,
        meshId,
        subjects: null,
        reason: 'The rule is new; it is looked at within seconds.',
      });
    }
  }
  return { observations, gaps };
}

/** Objectives whose budget burns too fast, as alerts are raised for them. */
export async function observeObjectives(tx: Tx, now: Date): Promise<Told> {
  const names = await meshNames(tx);
  const rows = await tx.objective.findMany({ where: { alerting: true }, orderBy: { id: 'asc' } });
  const observations: Observation[] = [];
  const gaps: Gap[] = [];
  const source = 'objective' as const;
  for (const row of rows) {
    const status = row.status as ObjectiveStatus | null;
    const { subject, target, periodDays } = toPromised(row);
    const { meshId } = row;
    const subjects = new Set(burnSeverities.map((severity) => `${row.id}/${severity}`));
    const isOld =
      !status?.evaluatedAt || now.getTime() - Date.parse(status.evaluatedAt) > unknownAfterMs;
    if (!status || isOld || status.state === 'unknown') {
      const reason = !status || isOld ? stopped : status.message;
      gaps.push({ source, ruleId: null, meshId, subjects, reason });
      continue;
    }
    for (const severity of burnSeverities) {
      const burns = status.burns.filter((burn) => burn.isBurning && burn.severity === severity);
      const [first] = burns;
      if (!first) continue;
      const what = `${subject.kind} ${subject.namespace}/${subject.name}`;
      observations.push({
        source,
        subject: `${row.id}/${severity}`,
        meshId,
        severity: severity === 'page' ? 'error' : 'warning',
        summary: `Objective ${row.name}: the budget of ${what} burns ${(first.short ?? 0).toPrecision(2)} times too fast (${severity})`,
        description: `Promised are ${percent(target)} good requests over ${periodDays} days. Over ${hours(first.longMs)} the burn rate is ${(first.long ?? 0).toPrecision(3)}, allowed is ${first.limit.toPrecision(3)}; over ${hours(first.shortMs)} it is ${(first.short ?? 0).toPrecision(3)}. ${status.message}`,
        labels: {
          mesh: names.get(meshId) ?? meshId,
          kind: subject.kind,
          namespace: subject.namespace,
          name: subject.name,
          cluster: (status.clusters ?? []).join(','),
          objective: row.name,
          burn: severity,
          severity: severity === 'page' ? 'error' : 'warning',
        },
        link: `/meshes/${meshId}/objectives/${row.id}`,
      });
    }
  }
  return { observations, gaps };
}

const hours = (ms: number): string =>
  ms < 3_600_000 ? `${ms / 60_000} min` : `${ms / 3_600_000} h`;
