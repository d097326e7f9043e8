import { diagnosisImplementations } from '../diagnosis/implementations.ts';
import type { Implementation } from '../kernel/implement.ts';
import { getFinding } from './get.ts';
import { listFindings } from './list.ts';
import { summariseFindings } from './summary.ts';
import { listSuppressions, suppressFindings, unsuppressFindings } from './suppressions.ts';

export const findingImplementations: Implementation[] = [
  listFindings,
  getFinding,
  summariseFindings,
  suppressFindings,
  listSuppressions,
  unsuppressFindings,
  ...diagnosisImplementations,
];
