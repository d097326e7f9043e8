/** Everything one may be allowed to do; reads are permissions too. */
export const permissions = [
  'organisation.read',
  'organisation.write',
  'project.read',
  'project.write',
  'member.read',
  'member.write',
  'token.read',
  'token.write',
  'cluster.read',
  'cluster.write',
  'mesh.read',
  'mesh.write',
  'mesh.delete',
  'policy.read',
  'policy.write',
  'operation.read',
  'operation.write',
  'release.read',
  'audit.read',
  'finding.read',
  'finding.write',
  'alert.read',
  'alert.write',
  'alertRoute.read',
  'alertRoute.write',
  'proxy.read',
  'integration.read',
  'integration.write',
] as const;
export type Permission = (typeof permissions)[number];

export const roles = ['owner', 'admin', 'operator', 'viewer'] as const;
export type Role = (typeof roles)[number];

const viewer: Permission[] = [
  'organisation.read',
  'project.read',
  'member.read',
  'cluster.read',
  'mesh.read',
  'policy.read',
  'operation.read',
  'release.read',
  'finding.read',
  'alert.read',
  'alertRoute.read',
  'integration.read',
];
const operator: Permission[] = [
  ...viewer,
  'cluster.write',
  'mesh.write',
  'policy.write',
  'operation.write',
  'token.read',
  'finding.write',
  'alert.write',
  'proxy.read',
];

/** What each role may do. Tokens carry a role too, never above their maker's. */
export const rolePermissions: Record<Role, readonly Permission[]> = {
  viewer,
  operator,
  admin: permissions.filter((p) => p !== 'organisation.write'),
  owner: permissions,
};

/** Roles that hold a permission, strongest first; used to tell a person who can. */
export function rolesWith(permission: Permission): Role[] {
  return roles.filter((role) => rolePermissions[role].includes(permission));
}

/** True when `role` may act as, or give, `other`. */
export function roleCovers(role: Role, other: Role): boolean {
  return roles.indexOf(role) <= roles.indexOf(other);
}
