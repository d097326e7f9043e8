import { rolePermissions } from '@ambit/contracts/roles';
import { expect, it } from 'vitest';
import { refusal } from './refusal.ts';

const as = (role: 'viewer' | 'operator' | 'admin') => ({
  role,
  permissions: [...rolePermissions[role]],
});

it('lets through what the role holds', () => {
  expect(refusal(as('operator'), 'mesh.write')).toBeUndefined();
});

it('says why not, and who can', () => {
  expect(refusal(as('viewer'), 'mesh.write')).toBe(
    'Your role viewer may not do this (mesh.write). Ask an owner, admin or operator.',
  );
  expect(refusal(as('admin'), 'organisation.write')).toContain('Ask an owner.');
});

it('tells limits apart from the role', () => {
  const limited = {
    role: 'operator' as const,
    permissions: [...rolePermissions.viewer, 'policy.write' as const],
    limits: [{ namespaces: ['shop'] }],
  };
  expect(refusal(limited, 'policy.write')).toBeUndefined();
  const act = { meshId: 'm', namespace: 'dev', verb: 'update' };
  expect(refusal(limited, 'policy.write', act)).toContain('beyond that');
  expect(refusal(limited, 'policy.write', { ...act, namespace: 'shop' })).toBeUndefined();
  expect(refusal(limited, 'mesh.write')).toMatch(/limited to .* namespace shop of every mesh/);
  expect(refusal(limited, 'member.write')).toContain('Your role operator');
});
