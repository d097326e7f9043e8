import type { Implementation } from '../kernel/implement.ts';
import { cancelOperation } from './cancel.ts';
import { getOperation } from './get.ts';
import { listOperations } from './list.ts';
import { operationLogLines } from './logs.ts';
import { retryOperation } from './retry.ts';

export const lifecycleImplementations: Implementation[] = [
  listOperations,
  getOperation,
  operationLogLines,
  cancelOperation,
  retryOperation,
];
