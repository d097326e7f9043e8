import type { z } from 'zod';
import { allRules } from '@ambit/analysis/rules/all';
import type { Rule } from '@ambit/analysis/rule';
import type { ClusterAdmission } from '@ambit/contracts/agent/admission';
import { defaultMode, type RuleMode } from '@ambit/contracts/findings';
import {
  clusterAdmissionGet,
  clusterAdmissionUpdate,
  ruleGet,
  ruleList,
  ruleSettingList,
  ruleSettingUpdate,
} from '@ambit/contracts/operations/finding';
import { invalid, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { pageOfArray } from '../kernel/page.ts';
import { requireMesh } from '../mesh/lock.ts';
import { tellAdmission } from '../agent-link/admission.ts';
import { diagnoseSoon } from './run.ts';

type RuleAnswer = z.input<typeof ruleList.output>['items'][number];

const shown = allRules.filter(({ parity }) => parity !== 'only');

const sources: Record<string, RuleAnswer['source']> = { IST: 'istio', KIA: 'kiali', AMB: 'ambit' };

const toRule = (rule: Rule): RuleAnswer => ({
  id: rule.id,
  code: rule.code,
  source: sources[rule.code.slice(0, 3)] ?? 'ambit',
  severity: rule.severity,
  title: rule.title,
  explanation: rule.explanation,
  howToFix: rule.howToFix,
  cause: rule.cause,
  consequence: rule.consequence,
  kinds: [...rule.kinds],
  reads: [...rule.reads],
  link: rule.link ?? '',
});

export const listRules = implement(ruleList, async (_context, input) =>
  pageOfArray(input, shown.map(toRule), ({ id }) => id),
);

export const getRule = implement(ruleGet, async (_context, { code }) => {
  const rules = shown.filter((rule) => rule.code === code);
  if (rules.length === 0) throw notFound('rule', code);
  return {
    code,
    rules: rules.map((rule) => ({
      ...toRule(rule),
      examples: rule.examples.map(({ title, aspect, yaml, expect }) => ({
        title,
        aspect,
        yaml,
        findings: expect.map(({ resource, path = '' }) => ({ resource, path })),
      })),
    })),
  };
});

/** The first rule of each code, which gives it its name. */
const byCode = new Map(shown.toReversed().map((rule) => [rule.code, rule]));

interface SettingRow {
  code: string;
  mode: string;
  updatedBy: string;
  updatedAt: Date;
}

function toSetting(code: string, row: SettingRow | undefined, general: SettingRow | undefined) {
  const rule = byCode.get(code);
  const severity = rule?.severity ?? 'warning';
  const mode = (row?.mode ?? general?.mode ?? defaultMode(severity)) as RuleMode;
  return {
    code,
    title: rule?.title ?? 'Every rule without a setting of its own',
    severity,
    mode,
    isDefault: row === undefined,
    updatedBy: row?.updatedBy ?? null,
    updatedAt: row?.updatedAt.toISOString() ?? null,
  };
}

export const listRuleSettings = implement(ruleSettingList, async ({ tx }, input) => {
  await requireMesh(tx, input.meshId);
  const rows = await tx.ruleSetting.findMany({ where: { meshId: input.meshId } });
  const known = new Map(rows.map((row) => [row.code, row]));
  const settings = [...byCode.keys()].map((code) =>
    toSetting(code, known.get(code), known.get('*')),
  );
  return pageOfArray(input, settings, ({ code }) => code);
});

export const updateRuleSetting = implement(
  ruleSettingUpdate,
  async ({ tx, organisationId, actor, now, changed }, { meshId, code, mode }) => {
    await requireMesh(tx, meshId);
    if (code !== '*' && !byCode.has(code)) {
      throw invalid('there is no such rule', [
        { path: 'code', message: `${code} is not one of them; rule.list tells all` },
      ]);
    }
    if (mode === 'default') await tx.ruleSetting.deleteMany({ where: { meshId, code } });
    else {
      const set = { mode, updatedBy: actor.email ?? actor.name, updatedAt: now };
      await tx.ruleSetting.upsert({
        where: { meshId_code: { meshId, code } },
        create: { meshId, code, organisationId, ...set },
        update: set,
      });
    }
    await diagnoseSoon(tx, organisationId, meshId, now);
    await tellAdmission(tx, meshId);
    await changed('finding', code, 'updated', meshId);
    const rows = await tx.ruleSetting.findMany({ where: { meshId, code: { in: [code, '*'] } } });
    const row = (wanted: string) => rows.find((each) => each.code === wanted);
    return toSetting(code, row(code), row('*'));
  },
  ({ meshId, code }) => `${meshId}/${code}`,
);

export const getClusterAdmission = implement(clusterAdmissionGet, async ({ tx }, { meshId }) => {
  const mesh = await tx.mesh.findUnique({
    where: { id: meshId },
    select: { clusterAdmission: true },
  });
  if (!mesh) throw notFound('mesh', meshId);
  return { meshId, mode: mesh.clusterAdmission as ClusterAdmission };
});

export const updateClusterAdmission = implement(
  clusterAdmissionUpdate,
  async ({ tx, changed }, { meshId, mode }) => {
    await requireMesh(tx, meshId);
    await tx.mesh.update({ where: { id: meshId }, data: { clusterAdmission: mode } });
    await tellAdmission(tx, meshId, true);
    await changed('mesh', meshId, 'updated', meshId);
    return { meshId, mode };
  },
  ({ meshId }) => meshId,
);
