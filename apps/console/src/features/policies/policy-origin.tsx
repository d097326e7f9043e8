'use client';

import { count } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { ButtonLink } from '@/ui/button.tsx';
import { Select } from '@/ui/field.tsx';
import { Note } from '@/ui/states.tsx';

interface Choice {
  clusters: string[];
  value: string;
  onChange: (origin: string) => void;
}

/** Which policies are shown: all, the mesh's, or those that stand in one cluster alone. */
export function OriginChoice({ clusters, value, onChange }: Choice) {
  return (
    <label className="flex items-center gap-2 text-sm text-ink-2">
      Origin
      <Select
        aria-label="Origin"
        className="!w-40"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="">All</option>
        <option value="mesh">The mesh</option>
        {[...clusters].sort().map((cluster) => (
          <option key={cluster} value={cluster}>
            {cluster}
          </option>
        ))}
      </Select>
    </label>
  );
}

/** What waits for a person: names that the mesh and a cluster both have. */
export function ConflictsNote(props: {
  meshId: string;
  objects: Outputs['direct']['list']['items'];
}) {
  const conflicts = props.objects.filter(({ state }) => state === 'conflict');
  const [first] = conflicts;
  if (!first) return null;
  return (
    <div className="mb-3">
      <Note
        tone="warn"
        title={`${count(conflicts.length, 'name exists', 'names exist')} both in the mesh and in a cluster`}
        action={
          <ButtonLink href={paths.directObject(props.meshId, first.id)}>
            Decide {first.name}
          </ButtonLink>
        }
      >
        The cluster’s own runs, and the mesh’s is not delivered there, until somebody decides.
      </Note>
    </div>
  );
}
