import type { Implementation } from '../kernel/implement.ts';
import { getRule, listRules, listRuleSettings, updateRuleSetting } from './rules.ts';
import { getDiagnosis, runDiagnosis } from './verbs.ts';

export const diagnosisImplementations: Implementation[] = [
  getDiagnosis,
  runDiagnosis,
  listRules,
  getRule,
  listRuleSettings,
  updateRuleSetting,
];
