'use client';

import { projectCreate } from '@ambit/contracts/operations/organisation';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Field, Input, Textarea } from '@/ui/field.tsx';
import { ErrorNote } from '@/ui/states.tsx';
import { notify } from '@/ui/toast.ts';

export function ProjectDialog({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [touched, setTouched] = useState(false);
  const create = useMutation(
    trpc.project.create.mutationOptions({
      onSuccess: (project) => {
        notify.done(`Project ${project.name} is created`);
        onClose();
      },
    }),
  );
  const input = { name, description };
  const checked = projectCreate.input.safeParse(input);
  const problem = (field: string) =>
    touched && !checked.success
      ? checked.error.issues.find((issue) => issue.path[0] === field)?.message
      : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTouched(true);
    if (checked.success) create.mutate(input);
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Create a project"
      footer={
        <>
          <CopyAs verb="project.create" input={{ ...input, name: name || 'payments' }} />
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="project-form" variant="primary" busy={create.isPending}>
            Create project
          </Button>
        </>
      }
    >
      <form id="project-form" noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Name" help="Lower-case letters, digits and “-”" error={problem('name')}>
          <Input
            autoFocus
            autoComplete="off"
            value={name}
            placeholder="payments"
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <Field label="Description" optional error={problem('description')}>
          <Textarea
            rows={3}
            value={description}
            onChange={(event) => setDescription(event.target.value)}
          />
        </Field>
        <ErrorNote error={create.error} />
      </form>
    </Dialog>
  );
}
