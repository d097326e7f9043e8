import { z } from 'zod';
import { nameSchema, pageInput, pageOf, timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { defineOperation } from '../operation.ts';
import { permissionSchema, roleSchema } from '../permissions.ts';
import { limitsSchema } from './access.ts';

export const organisationSchema = z
  .object({ id: idOf('organisation'), name: z.string(), createdAt: timeSchema })
  .meta({ id: 'Organisation' });

export const meSchema = z
  .object({
    actor: z.object({
      kind: z.enum(['user', 'token']),
      id: z.string(),
      name: z.string(),
      email: z.string().nullable(),
    }),
    organisation: organisationSchema,
    role: roleSchema,
    permissions: z.array(permissionSchema),
    limits: limitsSchema,
    organisations: z.array(
      z.object({ id: idOf('organisation'), name: z.string(), role: roleSchema }),
    ),
  })
  .meta({ id: 'Me' });

export const meGet = defineOperation({
  id: 'me.get',
  kind: 'query',
  permission: 'self',
  rest: { method: 'GET', path: '/v1/me' },
  summary: 'Who am I, where, and what may I do',
  input: z.object({}),
  output: meSchema,
});

export const organisationUpdate = defineOperation({
  id: 'organisation.update',
  kind: 'command',
  permission: 'organisation.write',
  rest: { method: 'PATCH', path: '/v1/organisation' },
  summary: 'Rename the organisation',
  input: z.object({ name: z.string().trim().min(1).max(80) }),
  output: organisationSchema,
});

export const projectSchema = z
  .object({
    id: idOf('project'),
    name: nameSchema,
    description: z.string(),
    meshes: z.number().int(),
    createdAt: timeSchema,
  })
  .meta({ id: 'Project' });

export const projectList = defineOperation({
  id: 'project.list',
  kind: 'query',
  permission: 'project.read',
  rest: { method: 'GET', path: '/v1/projects' },
  summary: 'List projects',
  input: z.object({ ...pageInput }),
  output: pageOf(projectSchema),
});

export const projectCreate = defineOperation({
  id: 'project.create',
  kind: 'command',
  permission: 'project.write',
  rest: { method: 'POST', path: '/v1/projects', status: 201 },
  summary: "Create a project: a team's space for meshes",
  input: z.object({ name: nameSchema, description: z.string().max(500).default('') }),
  output: projectSchema,
});

export const projectDelete = defineOperation({
  id: 'project.delete',
  kind: 'command',
  permission: 'project.write',
  rest: { method: 'DELETE', path: '/v1/projects/{projectId}' },
  summary: 'Delete a project that has no meshes',
  input: z.object({ projectId: idOf('project') }),
  output: projectSchema,
});
