'use client';

import { type Role, roleCovers, roles } from '@ambit/contracts/roles';
import { useMe } from '@/lib/session.tsx';
import { Field, Select } from '@/ui/field.tsx';

const roleWords: Record<Role, string> = {
  owner: 'everything, and the organisation itself',
  admin: 'everything but renaming the organisation',
  operator: 'clusters, meshes and policies; no members, tokens or deletion of meshes',
  viewer: 'looks, changes nothing',
};

interface Props {
  value: Role;
  onChange: (role: Role) => void;
  label?: string;
}

/** A role, never above one's own. */
export function RoleChoice({ value, onChange, label = 'Role' }: Props) {
  const me = useMe();
  return (
    <Field label={label} help={`May do: ${roleWords[value]}`}>
      <Select value={value} onChange={(event) => onChange(event.target.value as Role)}>
        {roles.map((role) => (
          <option key={role} value={role} disabled={!roleCovers(me.role, role)}>
            {role}
            {roleCovers(me.role, role) ? '' : ' (above your own)'}
          </option>
        ))}
      </Select>
    </Field>
  );
}
