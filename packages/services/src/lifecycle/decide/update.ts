import { precheckClusters } from '../steps/precheck.ts';
import { changePlan } from './change.ts';

export const updatePlan = changePlan(precheckClusters);
