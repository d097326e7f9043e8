import type { Implementation } from '../kernel/implement.ts';
import { listChanges } from './changes.ts';
import { previewObjective } from './preview.ts';
import {
  createObjective,
  deleteObjective,
  getObjective,
  getObjectiveRules,
  getObjectiveStatus,
  listObjectives,
  updateObjective,
} from './verbs.ts';

export const objectiveImplementations: Implementation[] = [
  listObjectives,
  getObjective,
  createObjective,
  updateObjective,
  deleteObjective,
  getObjectiveStatus,
  previewObjective,
  getObjectiveRules,
  listChanges,
];
