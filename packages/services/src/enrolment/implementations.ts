import type { Implementation } from '../kernel/implement.ts';
import { getGuard } from './guard.ts';
import { getEnrolment, listEnrolment } from './list.ts';
import { getPair, getPath } from './pair.ts';

export const enrolmentImplementations: Implementation[] = [
  listEnrolment,
  getEnrolment,
  getPair,
  getPath,
  getGuard,
];
