'use client';

import { projectCreate } from '@ambit/contracts/operations/organisation';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '@/lib/trpc.tsx';
import { Field, Input, Textarea } from '@/ui/field.tsx';
import { FormDialog } from '@/ui/form-dialog.tsx';
import { notify } from '@/ui/toast.ts';

export function ProjectDialog({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const create = useMutation(
    trpc.project.create.mutationOptions({
      onSuccess: (project) => {
        notify.done(`Project ${project.name} is created`);
        onClose();
      },
    }),
  );
  return (
    <FormDialog
      title="Create a project"
      verb="project.create"
      schema={projectCreate.input}
      input={{ name, description }}
      sample={{ name: 'payments' }}
      action="Create project"
      mutation={create}
      onClose={onClose}
    >
      {(problem) => (
        <>
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
        </>
      )}
    </FormDialog>
  );
}
