import { z } from 'zod';
import { clusterAdmissions } from '../agent/admission.ts';
import { pageInput, pageOf, timeSchema } from '../common.ts';
import { findingSeverities, ruleModes } from '../findings.ts';
import { idOf } from '../ids.ts';
import { lifecycleOperationSchema } from '../lifecycle.ts';
import { defineOperation } from '../operation.ts';

export const fixSchema = z
  .object({
    title: z.string(),
    /** JSON Patch (RFC 6902) of the resource, where a program can do it. */
    patch: z
      .array(
        z.object({
          op: z.enum(['add', 'replace', 'test', 'remove']),
          path: z.string(),
          value: z.unknown().optional(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Fix' });

/** A finding as the analysis tells it, of a text that is not stored or of a stored one. */
export const diagnosedSchema = z
  .object({
    code: z.string().meta({ example: 'IST0101' }),
    severity: z.enum(findingSeverities),
    message: z.string(),
    /** `Kind namespace/name`. */
    resource: z.string(),
    kind: z.string(),
    namespace: z.string(),
    name: z.string(),
    /** `spec.http[0].route[1]`, empty for the whole object. */
    path: z.string(),
    cause: z.string(),
    consequence: z.string(),
    fix: fixSchema.nullable(),
    advice: z.string().describe('what to do, in one line'),
    link: z.string(),
  })
  .meta({ id: 'Diagnosed' });

export const findingSchema = diagnosedSchema
  .extend({
    id: idOf('finding'),
    meshId: idOf('mesh'),
    clusterId: idOf('cluster').nullable().describe('null: of what the mesh itself wants'),
    clusterName: z.string().nullable(),
    policyId: idOf('policy').nullable(),
    /** Version of the policy it was first seen with. */
    firstVersion: z.number().int().nullable(),
    lastVersion: z.number().int().nullable(),
    firstSeen: timeSchema,
    lastSeen: timeSchema,
    resolvedAt: timeSchema.nullable(),
    suppressed: z
      .object({
        reason: z.string(),
        by: z.string(),
        expiresAt: timeSchema.nullable(),
        suppressionId: idOf('suppression').nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'Finding' });

const meshId = { meshId: idOf('mesh') };

export const findingList = defineOperation({
  id: 'finding.list',
  kind: 'query',
  permission: 'finding.read',
  rest: { method: 'GET', path: '/v1/findings' },
  summary: 'List what the diagnosis found',
  input: z.object({
    ...pageInput,
    meshId: idOf('mesh').optional(),
    state: z.enum(['open', 'suppressed', 'resolved', 'all']).default('open'),
    severity: z.enum(findingSeverities).optional(),
    namespace: z.string().optional(),
    code: z.string().optional(),
    resource: z.string().optional().describe('`Kind namespace/name`; `*` stands for anything'),
    policyId: idOf('policy').optional(),
  }),
  output: pageOf(findingSchema),
});

export const findingGet = defineOperation({
  id: 'finding.get',
  kind: 'query',
  permission: 'finding.read',
  rest: { method: 'GET', path: '/v1/findings/{findingId}' },
  summary: 'One finding, with its fix as it would change the policy',
  input: z.object({ findingId: idOf('finding') }),
  output: findingSchema.extend({
    fixed: z
      .object({
        version: z.number().int().describe('of the policy; the change is based on it'),
        before: z.string(),
        after: z.string(),
      })
      .nullable()
      .describe('null: there is no fix by a program, or the policy has changed'),
    line: z
      .number()
      .int()
      .nullable()
      .describe('where it stands in the text of the policy as it is stored now, from 1'),
    objectId: idOf('object')
      .nullable()
      .describe('of what others applied in the cluster, if it is about that; see direct.get'),
  }),
});

const counts = {
  error: z.number().int(),
  warning: z.number().int(),
  info: z.number().int(),
};

export const findingSummary = defineOperation({
  id: 'finding.summary',
  kind: 'query',
  permission: 'finding.read',
  rest: { method: 'GET', path: '/v1/finding-summary' },
  summary: 'Counts of findings by severity, now and over time',
  input: z.object({
    meshId: idOf('mesh').optional(),
    hours: z.coerce.number().int().min(1).max(720).default(24),
  }),
  output: z.object({
    ...counts,
    suppressed: z.number().int(),
    meshes: z.array(z.object({ meshId: idOf('mesh'), ...counts })),
    trend: z
      .array(z.object({ at: timeSchema, ...counts }))
      .describe('48 moments of the time asked for, oldest first'),
  }),
});

export const suppressionSchema = z
  .object({
    id: idOf('suppression'),
    ...meshId,
    code: z.string(),
    resource: z.string(),
    reason: z.string(),
    createdBy: z.string(),
    createdAt: timeSchema,
    expiresAt: timeSchema.nullable(),
    findings: z.number().int().describe('findings it hides now'),
  })
  .meta({ id: 'FindingSuppression' });

export const findingSuppress = defineOperation({
  id: 'finding.suppress',
  kind: 'command',
  permission: 'finding.write',
  rest: { method: 'POST', path: '/v1/meshes/{meshId}/suppressions', status: 201 },
  summary: 'Hide findings of a rule or a resource, with a reason, for a while or for good',
  input: z.object({
    ...meshId,
    code: z
      .string()
      .regex(/^(\*|[A-Z]{3}\d{4})$/, 'a code such as IST0101, or *')
      .default('*'),
    resource: z
      .string()
      .min(1)
      .max(600)
      .default('*')
      .describe('`Kind namespace/name`; `*` stands for anything'),
    reason: z.string().trim().min(1, 'say why').max(500),
    expiresAt: timeSchema.optional().describe('for good when left out'),
  }),
  output: suppressionSchema,
  errors: ['neither a code nor a resource: that would hide everything (400)'],
});

export const findingSuppressions = defineOperation({
  id: 'finding.suppressions',
  kind: 'query',
  permission: 'finding.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/suppressions' },
  summary: 'What is hidden in a mesh, by whom and why',
  input: z.object({ ...meshId, ...pageInput }),
  output: pageOf(suppressionSchema),
});

export const findingUnsuppress = defineOperation({
  id: 'finding.unsuppress',
  kind: 'command',
  permission: 'finding.write',
  rest: { method: 'DELETE', path: '/v1/meshes/{meshId}/suppressions/{suppressionId}' },
  summary: 'Show again what a suppression hides',
  input: z.object({ ...meshId, suppressionId: idOf('suppression') }),
  output: suppressionSchema,
});

export const diagnosisSchema = z
  .object({
    ...meshId,
    ranAt: timeSchema.nullable(),
    durationMs: z.number().int(),
    resources: z.number().int().describe('objects it looked at'),
    pending: z.boolean().describe('something changed since, and it runs in a moment'),
    error: z.string().describe('why the last run failed; empty when it did not'),
    limits: z.array(z.string()).describe('what could not be looked at, and why'),
    certificateDays: z
      .number()
      .int()
      .describe('certificates that are valid for less days are told as expiring soon'),
  })
  .meta({ id: 'Diagnosis' });

export const diagnosisGet = defineOperation({
  id: 'diagnosis.get',
  kind: 'query',
  permission: 'finding.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/diagnosis' },
  summary: 'How the diagnosis of a mesh stands',
  input: z.object(meshId),
  output: diagnosisSchema,
});

export const diagnosisRun = defineOperation({
  id: 'diagnosis.run',
  kind: 'command',
  permission: 'finding.write',
  rest: { method: 'POST', path: '/v1/meshes/{meshId}/diagnosis', status: 202 },
  summary: 'Diagnose a mesh now; it is done after each change anyway',
  input: z.object(meshId),
  output: diagnosisSchema,
});

export const diagnosisUpdate = defineOperation({
  id: 'diagnosis.update',
  kind: 'command',
  permission: 'finding.write',
  rest: { method: 'PATCH', path: '/v1/meshes/{meshId}/diagnosis' },
  summary: 'Set how long before its end a certificate is told as expiring soon',
  input: z.object({
    ...meshId,
    certificateDays: z.number().int().min(1).max(730).describe('30 unless set'),
  }),
  output: diagnosisSchema,
});

export const diagnosisReport = defineOperation({
  id: 'diagnosis.report',
  kind: 'command',
  permission: 'finding.write',
  rest: { method: 'POST', path: '/v1/meshes/{meshId}/report', status: 202 },
  summary:
    'Report on a whole mesh: versions, certificates, proxies, configuration, enrolment, capacity',
  description:
    'An operation like others: its steps tell what is looked at, its result holds each part with a verdict. Nothing is changed.',
  input: z.object(meshId),
  output: z.object({ operation: lifecycleOperationSchema }),
  errors: ['another operation on the mesh is under way (409)'],
});

const ruleSchema = z
  .object({
    id: z.string().meta({ example: 'IST0101/virtual-service-host' }),
    code: z.string(),
    source: z.enum(['istio', 'kiali', 'ambit']),
    severity: z.enum(findingSeverities),
    title: z.string(),
    explanation: z.string().describe('Markdown'),
    howToFix: z.string().describe('Markdown'),
    cause: z.string(),
    consequence: z.string(),
    kinds: z.array(z.string()),
    reads: z.array(z.string()),
    link: z.string(),
  })
  .meta({ id: 'Rule' });

export const ruleList = defineOperation({
  id: 'rule.list',
  kind: 'query',
  permission: 'finding.read',
  rest: { method: 'GET', path: '/v1/rules' },
  summary: 'Every rule of the diagnosis',
  input: z.object({ ...pageInput, limit: z.coerce.number().int().min(1).max(500).default(500) }),
  output: pageOf(ruleSchema),
});

export const ruleGet = defineOperation({
  id: 'rule.get',
  kind: 'query',
  permission: 'finding.read',
  rest: { method: 'GET', path: '/v1/rules/{code}' },
  summary: 'What a code means: its rules, with examples',
  input: z.object({ code: z.string() }),
  output: z.object({
    code: z.string(),
    rules: z.array(
      ruleSchema.extend({
        examples: z.array(
          z.object({
            title: z.string(),
            aspect: z.enum(['positive', 'negative', 'ambient']),
            yaml: z.string(),
            findings: z.array(z.object({ resource: z.string(), path: z.string() })),
          }),
        ),
      }),
    ),
  }),
});

const settingSchema = z
  .object({
    code: z.string(),
    title: z.string(),
    severity: z.enum(findingSeverities),
    mode: z.enum(ruleModes),
    isDefault: z.boolean(),
    updatedBy: z.string().nullable(),
    updatedAt: timeSchema.nullable(),
  })
  .meta({ id: 'RuleSetting' });

export const ruleSettingList = defineOperation({
  id: 'ruleSetting.list',
  kind: 'query',
  permission: 'finding.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/rule-settings' },
  summary: 'What admission does about each rule in a mesh',
  input: z.object({
    ...meshId,
    ...pageInput,
    limit: z.coerce.number().int().min(1).max(500).default(500),
  }),
  output: pageOf(settingSchema),
});

export const ruleSettingUpdate = defineOperation({
  id: 'ruleSetting.update',
  kind: 'command',
  permission: 'finding.write',
  rest: { method: 'PUT', path: '/v1/meshes/{meshId}/rule-settings/{code}' },
  summary: 'Deny, warn or let pass what a rule finds in new writes',
  description:
    'Only findings that a write introduces count. `*` as the code sets what holds for every rule without a setting of its own.',
  input: z.object({
    ...meshId,
    code: z.string().regex(/^(\*|[A-Z]{3}\d{4})$/, 'a code such as IST0101, or *'),
    mode: z.enum([...ruleModes, 'default']).describe('default: as if it was never set'),
  }),
  output: settingSchema,
});

const clusterAdmissionSchema = z
  .object({ ...meshId, mode: z.enum(clusterAdmissions) })
  .meta({ id: 'ClusterAdmission' });

export const clusterAdmissionGet = defineOperation({
  id: 'clusterAdmission.get',
  kind: 'query',
  permission: 'finding.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/cluster-admission' },
  summary: 'Whether the rules hold for writes in the clusters of a mesh too',
  input: z.object(meshId),
  output: clusterAdmissionSchema,
});

export const clusterAdmissionUpdate = defineOperation({
  id: 'clusterAdmission.update',
  kind: 'command',
  permission: 'finding.write',
  rest: { method: 'PUT', path: '/v1/meshes/{meshId}/cluster-admission' },
  summary: 'Have the agents ask the rules about writes in the clusters of a mesh',
  description:
    'Each agent serves a validating webhook with the settings of the rules. `warn` denies nothing. It fails open: when the agent does not answer within a second, the write passes.',
  input: z.object({ ...meshId, mode: z.enum(clusterAdmissions) }),
  output: clusterAdmissionSchema,
});
