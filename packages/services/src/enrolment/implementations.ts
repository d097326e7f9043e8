import type { Implementation } from '../kernel/implement.ts';
import { changeEnrolment, previewEnrolment, undoEnrolment } from './change.ts';
import { getGuard } from './guard.ts';
import { getEnrolment, listEnrolment } from './list.ts';
import { getPair, getPath } from './pair.ts';
import { repairEnrolment } from './repair.ts';

export const enrolmentImplementations: Implementation[] = [
  listEnrolment,
  getEnrolment,
  getPair,
  getPath,
  getGuard,
  previewEnrolment,
  changeEnrolment,
  undoEnrolment,
  repairEnrolment,
];
