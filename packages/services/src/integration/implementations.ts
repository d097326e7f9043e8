import type { Implementation } from '../kernel/implement.ts';
import { testIntegration } from './test.ts';
import {
  createIntegration,
  deleteIntegration,
  getIntegration,
  listIntegrations,
  updateIntegration,
} from './verbs.ts';

export const integrationImplementations: Implementation[] = [
  listIntegrations,
  getIntegration,
  createIntegration,
  updateIntegration,
  deleteIntegration,
  testIntegration,
];
