'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { count } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { Checks } from '@/ui/checks.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Field, Input } from '@/ui/field.tsx';
import { Section } from '@/ui/page.tsx';
import { ErrorNote, Skeleton } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { busyReason, useMesh } from './mesh-layout.tsx';

export function DeleteSection() {
  const mesh = useMesh();
  const refusal = useRefusal();
  const [open, setOpen] = useState(false);
  return (
    <Section title="Delete">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <p className="max-w-2xl grow basis-72 text-ink-2">
          Removes the control plane, its policies and everything Ambit applied, in order, until
          nothing of it is left. Namespaces and objects of others are not touched. What would lose
          its proxy is shown first.
        </p>
        <Button
          variant="danger"
          disabledReason={refusal('mesh.delete') ?? busyReason(mesh)}
          onClick={() => setOpen(true)}
        >
          Delete mesh
        </Button>
      </div>
      {open ? <DeleteDialog onClose={() => setOpen(false)} /> : null}
    </Section>
  );
}

function DeleteDialog({ onClose }: { onClose: () => void }) {
  const mesh = useMesh();
  const trpc = useTRPC();
  const router = useRouter();
  const [name, setName] = useState('');
  const check = useQuery(trpc.mesh.deleteCheck.queryOptions({ meshId: mesh.id }, { staleTime: 0 }));
  const remove = useMutation(
    trpc.mesh.delete.mutationOptions({
      onSuccess: ({ operation }) => router.push(paths.operation(operation.id)),
    }),
  );
  const needed = check.data?.confirmationNeeded ?? true;
  const input = { meshId: mesh.id, ...(needed ? { confirm: name } : {}) };
  const wait = check.data
    ? check.data.checks.some((each) => each.severity === 'error')
      ? 'The check found something that stands in the way.'
      : needed && name !== mesh.name
        ? `Type the name “${mesh.name}” first.`
        : undefined
    : 'What depends on the mesh is not known yet.';
  return (
    <Dialog
      open
      onOpenChange={onClose}
      width="lg"
      title={`Delete ${mesh.name}?`}
      description="What it means now, computed from what runs at this moment."
      footer={
        <>
          <CopyAs
            verb="mesh.delete"
            input={{ ...input, ...(needed ? { confirm: mesh.name } : {}) }}
          />
          <Button onClick={onClose}>Keep it</Button>
          <Button
            variant="danger"
            busy={remove.isPending}
            disabledReason={wait}
            onClick={() => remove.mutate(input)}
          >
            Delete mesh
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {check.error ? <ErrorNote error={check.error} /> : null}
        {check.data ? (
          <>
            <Checks items={check.data.checks} />
            <div>
              <h3 className="mb-1 font-medium">
                {check.data.workloads.length
                  ? `${count(check.data.workloads.length, 'workload')} would lose the mesh`
                  : 'No workload depends on it'}
              </h3>
              {check.data.workloads.length ? (
                <ul
                  aria-label="Workloads that would lose the mesh"
                  tabIndex={0}
                  className="max-h-56 divide-y divide-line overflow-auto rounded-lg border border-line"
                >
                  {check.data.workloads.map((each) => (
                    <li
                      key={`${each.namespace}/${each.kind}/${each.name}`}
                      className="flex items-center gap-3 px-3 py-1.5"
                    >
                      <span className="min-w-0 grow truncate">
                        {each.name}{' '}
                        <span className="text-ink-3">
                          {each.kind} in {each.namespace}
                        </span>
                      </span>
                      <span className="tnum text-xs text-ink-3">
                        {count(each.enrolled, 'proxy', 'proxies')}
                      </span>
                      <Status status={each.mode} quiet />
                    </li>
                  ))}
                </ul>
              ) : null}
            </div>
            {needed ? (
              <Field
                label={`Type “${mesh.name}” to confirm`}
                help="Asked because workloads or policies depend on this mesh."
              >
                <Input
                  autoComplete="off"
                  spellCheck={false}
                  value={name}
                  onChange={(event) => setName(event.target.value)}
                />
              </Field>
            ) : null}
          </>
        ) : check.error ? null : (
          <Skeleton lines={4} />
        )}
        <ErrorNote error={remove.error} />
      </div>
    </Dialog>
  );
}
