import type { Implementation } from '../kernel/implement.ts';
import { applyPolicies } from './apply.ts';
import { deletePolicy } from './delete.ts';
import { getPolicy } from './get.ts';
import { listHistory } from './history.ts';
import { listPolicies } from './list.ts';
import { restorePolicy } from './restore.ts';
import { listTargets } from './targets.ts';
import { updatePolicy } from './update.ts';

export const policyImplementations: Implementation[] = [
  listPolicies,
  listTargets,
  getPolicy,
  applyPolicies,
  updatePolicy,
  deletePolicy,
  listHistory,
  restorePolicy,
];
