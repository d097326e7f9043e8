'use client';

import { Field, Input, Select } from '@/ui/field.tsx';
import type { LimitDraft } from './limit-draft.ts';
import { useMeshNames } from './use-mesh-names.ts';

interface Props {
  value: LimitDraft;
  onChange: (value: LimitDraft) => void;
  error?: string | undefined;
}

/** Where and what of its role's rights an operator or viewer may use. */
export function LimitFields({ value, onChange, error }: Props) {
  const meshes = useMeshNames();
  const set = (change: Partial<LimitDraft>) => onChange({ ...value, ...change });
  return (
    <fieldset className="flex min-w-0 flex-col gap-3 rounded-lg border border-line p-3">
      <legend className="px-1 text-sm font-medium">Limits</legend>
      <p className="text-xs text-ink-3">
        With limits only policies are written, and only these; nothing else of the role is.
      </p>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Mesh" standard="every mesh">
          <Select value={value.meshId} onChange={(event) => set({ meshId: event.target.value })}>
            <option value="">every mesh</option>
            {[...meshes].map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Namespaces" standard="all" help="With commas between them" error={error}>
          <Input
            autoComplete="off"
            placeholder="all"
            value={value.namespaces}
            onChange={(event) => set({ namespaces: event.target.value })}
          />
        </Field>
        <Field label="Verbs" standard="all of the role" className="sm:col-span-2">
          <Select
            value={value.verbs}
            onChange={(event) => set({ verbs: event.target.value as LimitDraft['verbs'] })}
          >
            <option value="all">all that the role may do</option>
            <option value="keep">all but deletion</option>
            <option value="read">get, list and watch</option>
          </Select>
        </Field>
      </div>
    </fieldset>
  );
}
