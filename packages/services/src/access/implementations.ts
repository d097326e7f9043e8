import type { Implementation } from '../kernel/implement.ts';
import { listAudit } from './audit-list.ts';
import { createInvitation } from './invitation-create.ts';
import { listInvitations } from './invitation-list.ts';
import { revokeInvitation } from './invitation-revoke.ts';
import { getMe } from './me-get.ts';
import { listMembers } from './member-list.ts';
import { removeMember } from './member-remove.ts';
import { updateMember } from './member-update.ts';
import { updateOrganisation } from './organisation-update.ts';
import { createProject } from './project-create.ts';
import { deleteProject } from './project-delete.ts';
import { listProjects } from './project-list.ts';
import { createToken } from './token-create.ts';
import { listTokens } from './token-list.ts';
import { revokeToken } from './token-revoke.ts';

export const accessImplementations: Implementation[] = [
  getMe,
  updateOrganisation,
  listProjects,
  createProject,
  deleteProject,
  listMembers,
  updateMember,
  removeMember,
  listInvitations,
  createInvitation,
  revokeInvitation,
  listTokens,
  createToken,
  revokeToken,
  listAudit,
];
