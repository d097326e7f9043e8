import type { Implementation } from '../kernel/implement.ts';
import { previewPool } from './preview.ts';
import {
  createPool,
  deletePool,
  getPool,
  listPools,
  listPoolTemplates,
  updatePool,
} from './verbs.ts';

export const waypointPoolImplementations: Implementation[] = [
  listPools,
  getPool,
  listPoolTemplates,
  createPool,
  updatePool,
  deletePool,
  previewPool,
];
