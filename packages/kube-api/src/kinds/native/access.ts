import { isObject } from '../../types.ts';
import type { FieldError } from '../../status.ts';
import { compilePattern } from '../../schema/pattern.ts';
import { compileRule } from '../../schema/rules.ts';
import { establish } from '../crd-status.ts';
import type { Kind } from '../kind.ts';
import { native } from './core.ts';
import { ageColumn, at, column, items } from './print.ts';
import {
  flag,
  integer,
  keyed,
  labelSelector,
  list,
  object,
  open,
  partly,
  text,
  withDefault,
} from './schema.ts';

const RBAC = 'rbac.authorization.k8s.io';
const rules = list(
  object(
    {
      apiGroups: list(text),
      nonResourceURLs: list(text),
      resourceNames: list(text),
      resources: list(text),
      verbs: list(text),
    },
    ['verbs'],
  ),
);
const roleRef = {
  ...object({ apiGroup: text, kind: text, name: text }, ['kind', 'name']),
  'x-kubernetes-map-type': 'atomic',
};
const subjects = list(
  object({ apiGroup: text, kind: text, name: text, namespace: text }, ['kind', 'name']),
);
const roleColumn = column(
  'Role',
  (target) => `${String(at(target, 'roleRef', 'kind'))}/${String(at(target, 'roleRef', 'name'))}`,
);
const created = column('Created At', (target) => target.metadata.creationTimestamp ?? '<unknown>', {
  type: 'date',
});

const role = native(
  { group: RBAC, kind: 'Role', plural: 'roles' },
  'namespaced',
  { schema: object({ rules }), computedColumns: [created] },
  { nameRule: 'path' },
);
const clusterRole = native(
  { group: RBAC, kind: 'ClusterRole', plural: 'clusterroles' },
  'cluster',
  {
    schema: object({
      aggregationRule: object({ clusterRoleSelectors: list(labelSelector) }),
      rules,
    }),
    computedColumns: [created],
  },
  { nameRule: 'path' },
);
const binding = (kind: string, plural: string, scope: 'namespaced' | 'cluster'): Kind =>
  native(
    { group: RBAC, kind, plural },
    scope,
    {
      schema: object({ roleRef, subjects }, ['roleRef']),
      computedColumns: [roleColumn, ageColumn],
    },
    { nameRule: 'path' },
  );

const webhookFields = {
  name: text,
  admissionReviewVersions: list(text),
  clientConfig: object({ caBundle: { type: 'string', format: 'byte' }, service: open, url: text }),
  failurePolicy: withDefault(text, 'Fail'),
  matchConditions: keyed(object({ expression: text, name: text }, ['name', 'expression']), [
    'name',
  ]),
  matchPolicy: withDefault(text, 'Equivalent'),
  namespaceSelector: labelSelector,
  objectSelector: labelSelector,
  rules: list(open),
  sideEffects: text,
  timeoutSeconds: withDefault(integer, 10),
};
const webhooks = (kind: string, plural: string, more: Parameters<typeof object>[0]): Kind =>
  native(
    { group: 'admissionregistration.k8s.io', kind, plural, categories: ['api-extensions'] },
    'cluster',
    {
      schema: object({
        webhooks: keyed(object({ ...webhookFields, ...more }, ['name']), ['name']),
      }),
      computedColumns: [
        column('Webhooks', (target) => items(at(target, 'webhooks')).length, { type: 'integer' }),
        ageColumn,
      ],
    },
  );

const crdVersion = partly(
  {
    name: text,
    served: flag,
    storage: flag,
    deprecated: flag,
    deprecationWarning: text,
    additionalPrinterColumns: list(open),
    selectableFields: list(open),
    schema: object({ openAPIV3Schema: open }),
    subresources: open,
  },
  ['name', 'served', 'storage'],
);

/** CustomResourceDefinition: what is created with it is served at once. */
export const crdKind: Kind = native(
  {
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
  },
  'cluster',
  {
    status: true,
    schema: object(
      {
        spec: object(
          {
            conversion: open,
            group: text,
            names: object(
              {
                categories: list(text),
                kind: text,
                listKind: text,
                plural: text,
                shortNames: list(text),
                singular: text,
              },
              ['kind', 'plural'],
            ),
            preserveUnknownFields: flag,
            scope: { type: 'string', enum: ['Cluster', 'Namespaced'] },
            versions: list(crdVersion),
          },
          ['group', 'names', 'scope', 'versions'],
        ),
        status: open,
      },
      ['spec'],
    ),
    computedColumns: [created],
  },
  {
    prepare(next, old, now) {
      const errors = checkCrd(next.metadata.name ?? '', next.spec);
      if (errors.length > 0) return errors;
      const spec = isObject(next.spec) ? next.spec : {};
      const names = isObject(spec.names) ? spec.names : {};
      names.listKind ??= `${String(names.kind)}List`;
      names.singular ??= String(names.kind).toLowerCase();
      spec.conversion ??= { strategy: 'None' };
      if (old === undefined) establish(next, `${now.toISOString().slice(0, 19)}Z`);
      return [];
    },
  },
);

const wrong = (field: string, value: unknown, why: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
});

/** The rules without which the kind could not be served. */
function checkCrd(name: string, spec: unknown): FieldError[] {
  if (!isObject(spec)) return [];
  const errors: FieldError[] = [];
  const names = isObject(spec.names) ? spec.names : {};
  const expected = `${String(names.plural)}.${String(spec.group)}`;
  if (name !== expected)
    errors.push(wrong('metadata.name', name, `must be spec.names.plural+"."+spec.group`));
  const versions = items(spec.versions);
  if (versions.filter((version) => version.storage === true).length !== 1) {
    errors.push(
      wrong(
        'spec.versions',
        versions.map((version) => version.name ?? ''),
        'must have exactly one version marked as storage version',
      ),
    );
  }
  const conversion = isObject(spec.conversion) ? spec.conversion.strategy : undefined;
  if (conversion !== undefined && conversion !== 'None') {
    errors.push(
      wrong(
        'spec.conversion.strategy',
        conversion,
        'this server converts between versions with strategy None only',
      ),
    );
  }
  for (const [index, version] of versions.entries()) {
    const schema = at(version, 'schema', 'openAPIV3Schema');
    const field = `spec.versions[${index}].schema.openAPIV3Schema`;
    if (!isObject(schema)) {
      errors.push({
        reason: 'FieldValueRequired',
        field,
        message: 'Required value: schemas are required',
      });
    } else if (schema.type !== 'object') {
      errors.push(wrong(`${field}.type`, schema.type ?? '', 'must be object at the root'));
    } else errors.push(...checkRules(schema, field));
  }
  return errors;
}

/** Patterns and CEL rules must compile; rules may not nest loops so deep that one object holds up the server. */
function checkRules(schema: unknown, field: string): FieldError[] {
  if (Array.isArray(schema))
    return schema.flatMap((item, index) => checkRules(item, `${field}[${index}]`));
  if (!isObject(schema)) return [];
  const errors: FieldError[] = [];
  for (const [index, rule] of items(schema['x-kubernetes-validations']).entries()) {
    const expression = typeof rule.rule === 'string' ? rule.rule : '';
    const where = `${field}.x-kubernetes-validations[${index}].rule`;
    const loops = (expression.match(/\.(?:all|exists|exists_one|map|filter)\(/g) ?? []).length;
    if (loops > 12 || expression.length > 5_000) {
      errors.push({
        reason: 'FieldValueForbidden',
        field: where,
        message: 'Forbidden: the rule is too costly for this server',
      });
      continue;
    }
    try {
      compileRule(expression);
    } catch (error) {
      errors.push(
        wrong(where, expression.slice(0, 200), `compilation failed: ${(error as Error).message}`),
      );
    }
  }
  if (typeof schema.pattern === 'string') {
    try {
      compilePattern(schema.pattern);
    } catch (error) {
      errors.push(
        wrong(`${field}.pattern`, schema.pattern.slice(0, 200), (error as Error).message),
      );
    }
  }
  for (const [key, value] of Object.entries(schema)) {
    if (key !== 'x-kubernetes-validations' && key !== 'default' && key !== 'enum') {
      errors.push(...checkRules(value, `${field}.${key}`));
    }
  }
  return errors;
}

/** RBAC, webhook configurations and CRDs. */
export const accessKinds: Kind[] = [
  role,
  clusterRole,
  binding('RoleBinding', 'rolebindings', 'namespaced'),
  binding('ClusterRoleBinding', 'clusterrolebindings', 'cluster'),
  webhooks('MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', {
    reinvocationPolicy: withDefault(text, 'Never'),
  }),
  webhooks('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', {}),
  crdKind,
];
