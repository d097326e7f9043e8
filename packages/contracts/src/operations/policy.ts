import { z } from 'zod';
import { conditionSchema, kubeObjectSchema, pageInput, pageOf, timeSchema } from '../common.ts';
import { issueSchema } from '../errors.ts';
import { idOf } from '../ids.ts';
import { defineOperation } from '../operation.ts';
import { diagnosedSchema } from './finding.ts';

export const policySchema = z
  .object({
    id: idOf('policy'),
    meshId: idOf('mesh'),
    apiVersion: z.string(),
    kind: z.string(),
    namespace: z.string(),
    name: z.string(),
    object: kubeObjectSchema,
    /** The text as written, comments and all. */
    yaml: z.string(),
    version: z.number().int(),
    conditions: z.array(conditionSchema),
    /** Finalizers that its deletion waits for; null while nobody asked for it. */
    finalizers: z.array(z.string()).nullable(),
    author: z.string(),
    door: z.string(),
    /** The client of the Kubernetes API, as it names itself (fieldManager); empty for the other doors. */
    manager: z.string(),
    createdAt: timeSchema,
    updatedAt: timeSchema,
  })
  .meta({ id: 'Policy' });

export const policyVersionSchema = z
  .object({
    version: z.number().int(),
    yaml: z.string(),
    /**
     * `deleting`: its deletion was asked for and waits for finalizers. `adopted`: others applied it directly in a
     * cluster before; `manager` says where and who.
     */
    change: z.enum(['created', 'updated', 'adopted', 'deleting', 'deleted', 'restored']),
    author: z.string(),
    door: z.string(),
    manager: z.string(),
    at: timeSchema,
    /** What it changed of the version before, field by field: JSON Patch operations with the value before. */
    changes: z.array(
      z.object({
        op: z.enum(['add', 'remove', 'replace']),
        path: z.string().meta({ example: '/spec/http/0/timeout' }),
        before: z.unknown().optional(),
        after: z.unknown().optional(),
      }),
    ),
  })
  .meta({ id: 'PolicyVersion' });

const meshId = { meshId: idOf('mesh') };
const policyId = { ...meshId, policyId: idOf('policy') };
const yaml = z.string().min(1).max(1_000_000).describe('one or more YAML documents');

export const policyList = defineOperation({
  id: 'policy.list',
  kind: 'query',
  permission: 'policy.read',
  limited: true,
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/policies' },
  summary: 'List the policies of a mesh',
  input: z.object({
    ...meshId,
    ...pageInput,
    kind: z.string().optional(),
    namespace: z.string().optional(),
    deleted: z.stringbool().or(z.boolean()).optional().describe('the deleted ones instead'),
  }),
  output: pageOf(policySchema),
});

const targetsShape = {
  hosts: z.array(z.string()).describe('as a VirtualService or DestinationRule has them'),
  refs: z
    .array(z.object({ kind: z.string(), namespace: z.string(), name: z.string() }))
    .describe('of `parentRefs`, `targetRefs` and `targetRef`'),
  selector: z.record(z.string(), z.string()).describe('labels; empty: all of its namespace'),
};
export type PolicyTargets = z.output<z.ZodObject<typeof targetsShape>>;

export const policyTargets = defineOperation({
  id: 'policy.targets',
  kind: 'query',
  permission: 'policy.read',
  limited: true,
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/policy-targets' },
  summary: 'What each policy of a mesh acts on, without the policies themselves',
  input: z.object({ ...meshId, ...pageInput }),
  output: pageOf(
    z
      .object({
        id: idOf('policy'),
        kind: z.string(),
        namespace: z.string(),
        name: z.string(),
        ...targetsShape,
      })
      .meta({ id: 'PolicyTargets' }),
  ),
});

export const policyGet = defineOperation({
  id: 'policy.get',
  kind: 'query',
  permission: 'policy.read',
  limited: true,
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/policies/{policyId}' },
  summary: 'One policy',
  input: z.object(policyId),
  output: policySchema,
});

export const policyApply = defineOperation({
  id: 'policy.apply',
  kind: 'command',
  permission: 'policy.write',
  limited: true,
  rest: { method: 'POST', path: '/v1/meshes/{meshId}/policies' },
  summary: 'Create or replace policies from YAML, all or none',
  description:
    'Takes Istio and Gateway API kinds. Objects are told apart by kind, namespace and name. With dryRun everything is checked and nothing is stored. What the diagnosis would find is refused or warned about, as the settings of the mesh say (ruleSetting.list).',
  input: z.object({ ...meshId, yaml, dryRun: z.boolean().default(false) }),
  output: z.object({
    items: z.array(
      z.object({ change: z.enum(['created', 'updated', 'unchanged']), policy: policySchema }),
    ),
    warnings: z
      .array(issueSchema)
      .describe('what Istio and the diagnosis warn about, with line or path'),
    findings: z
      .array(
        diagnosedSchema.extend({
          introduced: z.boolean(),
          denied: z.boolean(),
          line: z.number().int().nullable(),
          fixed: z.string().nullable().describe('the text with the fix'),
        }),
      )
      .describe('dry run only: what the diagnosis finds, with fixes; denied ones would be refused'),
    dryRun: z.boolean(),
  }),
  errors: [
    'the YAML does not parse (line and column are told)',
    'a kind that is neither Istio nor Gateway API',
    'the diagnosis finds what the mesh denies (422)',
  ],
});

export const policyUpdate = defineOperation({
  id: 'policy.update',
  kind: 'command',
  permission: 'policy.write',
  limited: true,
  rest: { method: 'PUT', path: '/v1/meshes/{meshId}/policies/{policyId}' },
  summary: 'Replace one policy, based on the version that was read',
  versioned: true,
  input: z.object({ ...policyId, version: z.number().int(), yaml }),
  output: policySchema,
});

export const policyDelete = defineOperation({
  id: 'policy.delete',
  kind: 'command',
  permission: 'policy.write',
  limited: true,
  rest: { method: 'DELETE', path: '/v1/meshes/{meshId}/policies/{policyId}' },
  summary: 'Delete one policy; its history stays',
  input: z.object(policyId),
  output: policySchema,
});

export const policyHistory = defineOperation({
  id: 'policy.history',
  kind: 'query',
  permission: 'policy.read',
  limited: true,
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/policies/{policyId}/history' },
  summary: 'Every version of a policy, newest first',
  input: z.object({ ...policyId, ...pageInput }),
  output: pageOf(policyVersionSchema),
});

export const policyRestore = defineOperation({
  id: 'policy.restore',
  kind: 'command',
  permission: 'policy.write',
  limited: true,
  rest: { method: 'POST', path: '/v1/meshes/{meshId}/policies/{policyId}/restore' },
  summary: 'Bring an earlier version back as the newest',
  input: z.object({ ...policyId, version: z.number().int().describe('the version to bring back') }),
  output: policySchema,
});
