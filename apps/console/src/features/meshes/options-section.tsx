'use client';

import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { FormProvider, useForm } from 'react-hook-form';
import { z } from 'zod';
import { errorBody } from '@/lib/errors.ts';
import { placeIssues, schemaResolver } from '@/lib/forms.ts';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { Section } from '@/ui/page.tsx';
import { RequestPreview } from '@/ui/request-preview.tsx';
import { ErrorNote, Note } from '@/ui/states.tsx';
import { changedPart } from './changed-options.ts';
import { busyReason, useMesh } from './mesh-layout.tsx';
import { OptionsFields, type OptionsForm } from './options-fields.tsx';

const resolver = schemaResolver<OptionsForm>(z.object({ options: meshOptionsSchema }));

/** Options of a mesh; refuses to write over what someone else changed meanwhile. */
export function OptionsSection() {
  const mesh = useMesh();
  const trpc = useTRPC();
  const router = useRouter();
  const refusal = useRefusal();
  const [base, setBase] = useState({ version: mesh.version, options: mesh.options });
  const form = useForm<OptionsForm>({
    mode: 'onTouched',
    resolver,
    defaultValues: { options: base.options },
  });
  const options = form.watch('options');
  const changed = changedPart(base.options, options);
  const dirty = Object.keys(changed).length > 0;
  const moved = mesh.version !== base.version;

  const rebase = () => {
    setBase({ version: mesh.version, options: mesh.options });
    form.reset({ options: mesh.options });
    update.reset();
  };
  useEffect(() => {
    if (moved && !dirty) rebase();
  });

  const update = useMutation(
    trpc.mesh.update.mutationOptions({
      onSuccess: ({ operation }) => router.push(paths.operation(operation.id)),
      onError: (error) => placeIssues(error, form.setError, (path) => path.startsWith('options')),
    }),
  );
  const code = update.error ? errorBody(update.error).code : null;
  const conflict = code === 'precondition_failed' || code === 'conflict';
  return (
    <FormProvider {...form}>
      <form
        noValidate
        onSubmit={(event) =>
          void form.handleSubmit((valid) =>
            update.mutate({ meshId: mesh.id, version: base.version, options: valid.options }),
          )(event)
        }
        className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_360px]"
      >
        <Section
          title="Options"
          text="A change runs as an operation; what does not become Ready is taken back."
        >
          <OptionsFields profile={mesh.profile} />
        </Section>
        <div className="flex min-w-0 flex-col gap-4 lg:sticky lg:top-[68px]">
          <Section title="Request">
            {dirty ? (
              <RequestPreview
                verb="mesh.update"
                input={{ meshId: mesh.id, version: base.version, options }}
              />
            ) : (
              <p className="text-ink-3">Nothing is changed yet.</p>
            )}
          </Section>
          {moved && dirty ? (
            <Note
              tone="warn"
              title="Changed by someone else meanwhile"
              action={<Button onClick={rebase}>Load theirs</Button>}
            >
              You started from version {base.version}; it is at {mesh.version} now. Your changes
              would be refused.
            </Note>
          ) : null}
          {conflict && moved ? null : <ErrorNote error={update.error} />}
          <div className="flex flex-wrap justify-end gap-2">
            <Button
              disabledReason={dirty ? undefined : 'Nothing is changed yet.'}
              onClick={() => form.reset({ options: base.options })}
            >
              Reset
            </Button>
            <Button
              type="submit"
              variant="primary"
              busy={update.isPending}
              disabledReason={
                refusal('mesh.write') ??
                busyReason(mesh) ??
                (dirty ? undefined : 'Nothing is changed yet.') ??
                (moved ? 'Load the newer version first.' : undefined)
              }
            >
              Save options
            </Button>
          </div>
        </div>
      </form>
    </FormProvider>
  );
}
