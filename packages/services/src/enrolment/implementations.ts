import type { Implementation } from '../kernel/implement.ts';
import { changeEnrolment, previewEnrolment, undoEnrolment } from './change.ts';
import { getGuard, updateGuard } from './guard.ts';
import { getEnrolment, listEnrolment } from './list.ts';
import { configureAmbientNamespace, listAmbientNamespaces } from './namespace-l4.ts';
import { listAmbientNodes } from './nodes.ts';
import { getPair, getPath } from './pair.ts';
import { repairEnrolment } from './repair.ts';

export const enrolmentImplementations: Implementation[] = [
  listEnrolment,
  getEnrolment,
  getPair,
  getPath,
  getGuard,
  updateGuard,
  previewEnrolment,
  changeEnrolment,
  undoEnrolment,
  repairEnrolment,
  listAmbientNodes,
  listAmbientNamespaces,
  configureAmbientNamespace,
];
