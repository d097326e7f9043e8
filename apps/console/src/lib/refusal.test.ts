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
