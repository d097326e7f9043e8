'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { count } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button, ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Select } from '@/ui/field.tsx';
import { ErrorNote } from '@/ui/states.tsx';
import { notify } from '@/ui/toast.ts';
import { PolicyEditor } from './policy-editor.tsx';
import { templates } from './templates.ts';
import { useDryRun } from './use-dry-run.ts';

export function PolicyCreate() {
  const mesh = useMesh();
  const trpc = useTRPC();
  const router = useRouter();
  const refused = useRefusal()('policy.write');
  const [text, setText] = useState('');
  const [template, setTemplate] = useState('empty');
  const dryRun = useDryRun(mesh.id, text, !refused);
  const apply = useMutation(
    trpc.policy.apply.mutationOptions({
      onSuccess: ({ items }) => {
        notify.done(`${count(items.length, 'policy', 'policies')} stored`);
        const only = items.length === 1 ? items[0] : undefined;
        router.push(only ? paths.policy(mesh.id, only.policy.id) : paths.meshPolicies(mesh.id));
      },
    }),
  );
  const save = () => apply.mutate({ meshId: mesh.id, yaml: text, dryRun: false });
  const started = templates.find((each) => each.id === template);
  const choose = (id: string) => {
    const next = templates.find((each) => each.id === id);
    if (!next) return;
    setTemplate(id);
    setText(next.yaml);
  };
  const edited = text !== (started?.yaml ?? '');
  const denied = dryRun.result?.findings.some((each) => each.denied);
  const wait = denied
    ? 'The mesh denies what it would introduce; see under the text.'
    : !text.trim()
      ? 'Write or choose a document first.'
      : dryRun.error
        ? 'The check found something to mend first; see under the text.'
        : undefined;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <label className="flex flex-wrap items-center gap-2">
          <span className="text-sm text-ink-2">Start from</span>
          <Select
            value={template}
            onChange={(event) => choose(event.target.value)}
            className="!w-72"
            aria-label="Start from"
            disabled={edited && text.trim() !== ''}
            title={
              edited && text.trim() ? 'Clear the text to start from another document.' : undefined
            }
          >
            {templates.map((each) => (
              <option key={each.id} value={each.id}>
                {each.label}
              </option>
            ))}
          </Select>
          {edited && text.trim() ? (
            <Button size="sm" variant="ghost" onClick={() => choose('empty')}>
              Clear the text
            </Button>
          ) : null}
        </label>
        <div className="flex flex-wrap gap-2">
          <CopyAs
            verb="policy.apply"
            input={{ meshId: mesh.id, yaml: text || '…' }}
            kubectl={`kubectl --kubeconfig ambit-${mesh.name}.yaml apply -f policy.yaml`}
          />
          <ButtonLink href={paths.meshPolicies(mesh.id)}>Cancel</ButtonLink>
          <Button
            variant="primary"
            busy={apply.isPending}
            disabledReason={refused ?? wait}
            onClick={save}
          >
            Store policy
          </Button>
        </div>
      </div>
      <ErrorNote error={apply.error} />
      <PolicyEditor
        text={text}
        onChange={setText}
        dryRun={dryRun}
        label="Policy YAML"
        onSave={() => {
          if (!refused && !wait) save();
        }}
      />
    </div>
  );
}
