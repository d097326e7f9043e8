import type { Implementation } from '../kernel/implement.ts';
import {
  getClusterAdmission,
  getRule,
  listRules,
  listRuleSettings,
  updateClusterAdmission,
  updateRuleSetting,
} from './rules.ts';
import { getDiagnosis, reportOnMesh, runDiagnosis, updateDiagnosis } from './verbs.ts';

export const diagnosisImplementations: Implementation[] = [
  getDiagnosis,
  runDiagnosis,
  updateDiagnosis,
  reportOnMesh,
  listRules,
  getRule,
  listRuleSettings,
  updateRuleSetting,
  getClusterAdmission,
  updateClusterAdmission,
];
