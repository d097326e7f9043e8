import { z } from 'zod';
import { pageInput, pageOf } from '../common.ts';
import { idOf } from '../ids.ts';
import { lifecycleOperationSchema, logLineSchema, operationStates } from '../lifecycle.ts';
import { defineOperation } from '../operation.ts';

const operationId = { operationId: idOf('operation') };

export const operationList = defineOperation({
  id: 'operation.list',
  kind: 'query',
  permission: 'operation.read',
  rest: { method: 'GET', path: '/v1/operations' },
  summary: 'List lifecycle operations, newest first',
  input: z.object({
    ...pageInput,
    targetId: z.string().optional(),
    state: z.enum(operationStates).optional(),
    unfinished: z.stringbool().or(z.boolean()).optional().describe('only those still under way'),
  }),
  output: pageOf(lifecycleOperationSchema),
});

export const operationGet = defineOperation({
  id: 'operation.get',
  kind: 'query',
  permission: 'operation.read',
  rest: { method: 'GET', path: '/v1/operations/{operationId}' },
  summary: 'One operation with its steps',
  input: z.object(operationId),
  output: lifecycleOperationSchema,
});

export const operationLogs = defineOperation({
  id: 'operation.logs',
  kind: 'query',
  permission: 'operation.read',
  rest: { method: 'GET', path: '/v1/operations/{operationId}/logs' },
  summary: 'Log lines of an operation, oldest first',
  input: z.object({ ...operationId, ...pageInput, step: z.string().optional() }),
  output: pageOf(logLineSchema),
});

export const operationCancel = defineOperation({
  id: 'operation.cancel',
  kind: 'command',
  permission: 'operation.write',
  rest: { method: 'POST', path: '/v1/operations/{operationId}/cancel', status: 202 },
  summary: 'Cancel an operation where that is safe',
  input: z.object(operationId),
  output: lifecycleOperationSchema,
});

export const operationRetry = defineOperation({
  id: 'operation.retry',
  kind: 'command',
  permission: 'operation.write',
  rest: { method: 'POST', path: '/v1/operations/{operationId}/retry', status: 202 },
  summary: 'Start a failed or cancelled operation again with the same wish',
  input: z.object(operationId),
  output: lifecycleOperationSchema,
});
