'use client';

import { meshCreate } from '@ambit/contracts/operations/mesh';
import { meshOptionsSchema, type MeshOptions } from '@ambit/contracts/mesh-options';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { FormProvider, useForm } from 'react-hook-form';
import { placeIssues, schemaResolver } from '@/lib/forms.ts';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { useDebounced } from '@/lib/use-debounced.ts';
import { Button, ButtonLink } from '@/ui/button.tsx';
import { Field, Input, RadioCards, Select } from '@/ui/field.tsx';
import { Section } from '@/ui/page.tsx';
import { RequestPreview } from '@/ui/request-preview.tsx';
import { ErrorNote } from '@/ui/states.tsx';
import { changedPart } from './changed-options.ts';
import { ClusterChoice } from './cluster-choice.tsx';
import { OptionsFields } from './options-fields.tsx';
import { Precheck, usePrecheck } from './precheck.tsx';

export interface CreateForm {
  name: string;
  projectId: string;
  profile: 'sidecar' | 'ambient';
  release: string;
  clusterIds: string[];
  options: MeshOptions;
}

const standard = meshOptionsSchema.parse({});

/** The form as the request takes it: empty choices and defaults left out. */
function toInput(form: CreateForm) {
  return {
    name: form.name,
    ...(form.projectId ? { projectId: form.projectId } : {}),
    profile: form.profile,
    ...(form.release ? { release: form.release } : {}),
    clusterIds: form.clusterIds,
    options: changedPart(standard, form.options) as Partial<MeshOptions>,
  };
}

const resolver = schemaResolver<CreateForm>(
  meshCreate.input.partial({ projectId: true, release: true }),
);

export function CreateMesh() {
  const trpc = useTRPC();
  const router = useRouter();
  const refusal = useRefusal();
  const wanted = useSearchParams().get('cluster');
  const form = useForm<CreateForm>({
    mode: 'onTouched',
    resolver: (values, context, options) =>
      resolver(
        {
          ...values,
          projectId: values.projectId || undefined,
          release: values.release || undefined,
        } as CreateForm,
        context,
        options,
      ),
    defaultValues: {
      name: '',
      projectId: '',
      profile: 'sidecar',
      release: '',
      clusterIds: wanted ? [wanted] : [],
      options: standard,
    },
  });
  const values = form.watch();
  const input = toInput(values);
  const settled = useDebounced(input, 350);
  const complete = meshCreate.input.safeParse(settled).success;
  const precheck = usePrecheck(settled, complete);
  const releases = useQuery(trpc.release.list.queryOptions({})).data?.items ?? [];
  const projects = useQuery(trpc.project.list.queryOptions({ limit: 200 })).data?.items ?? [];
  const create = useMutation(
    trpc.mesh.create.mutationOptions({
      onSuccess: ({ operation }) => router.push(paths.operation(operation.id)),
      onError: (error) =>
        placeIssues(error, form.setError, (path) =>
          /^(name|release|clusterIds|options)/.test(path),
        ),
    }),
  );
  const errors = form.formState.errors;
  const newest = releases.find((release) => release.channel === 'stable' && release.supported);
  const stopped = complete && precheck.data?.allowed === false;

  return (
    <FormProvider {...form}>
      <form
        noValidate
        onSubmit={(event) =>
          void form.handleSubmit((valid) => create.mutate(toInput(valid)))(event)
        }
        className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_400px]"
      >
        <div className="flex min-w-0 flex-col gap-6">
          <Section title="What">
            <div className="flex flex-col gap-5">
              <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
                <Field
                  label="Name"
                  help="Lower-case letters, digits and “-”. It cannot be changed later."
                  error={errors.name?.message}
                >
                  <Input
                    autoComplete="off"
                    spellCheck={false}
                    placeholder="shop"
                    {...form.register('name')}
                  />
                </Field>
                <Field
                  label="Project"
                  help="Whose space the mesh belongs to"
                  error={errors.projectId?.message}
                >
                  <Select {...form.register('projectId')}>
                    <option value="">The default project</option>
                    {projects.map((project) => (
                      <option key={project.id} value={project.id}>
                        {project.name}
                      </option>
                    ))}
                  </Select>
                </Field>
              </div>
              <RadioCards
                legend="Profile"
                name="profile"
                value={values.profile}
                onChange={(profile) => form.setValue('profile', profile, { shouldTouch: true })}
                options={[
                  {
                    value: 'sidecar',
                    title: 'Sidecar',
                    text: 'A proxy in every pod: all of Istio’s features, at the price of memory per pod and a restart to enrol.',
                  },
                  {
                    value: 'ambient',
                    title: 'Ambient',
                    text: 'Mutual TLS by a proxy on each node, L7 by waypoints where wanted. No restarts to enrol.',
                  },
                ]}
              />
              <Field
                label="Release"
                standard={newest?.version ?? 'the newest stable one'}
                help="Istio’s version. It can be upgraded later without an outage."
                error={errors.release?.message}
                className="sm:max-w-[calc(50%-12px)]"
              >
                <Select {...form.register('release')}>
                  <option value="">Newest stable{newest ? ` (${newest.version})` : ''}</option>
                  {releases.map((release) => (
                    <option key={release.version} value={release.version}>
                      {release.version} · {release.channel} · Kubernetes {release.kubernetes.min} to{' '}
                      {release.kubernetes.max}
                      {release.supported ? '' : ' · past its end of life'}
                    </option>
                  ))}
                </Select>
              </Field>
            </div>
          </Section>
          <Section title="Where" text="Clusters whose workloads can be enrolled in this mesh.">
            <ClusterChoice
              chosen={values.clusterIds}
              onChange={(ids) =>
                form.setValue('clusterIds', ids, { shouldTouch: true, shouldValidate: true })
              }
              error={errors.clusterIds?.message}
            />
          </Section>
          <Section title="Options" text="All have a default that holds when left alone.">
            <OptionsFields profile={values.profile} />
          </Section>
        </div>
        <div className="flex min-w-0 flex-col gap-6 lg:sticky lg:top-[68px]">
          <Section title="Check before creating">
            <Precheck query={precheck} complete={complete} />
          </Section>
          <Section title="Request">
            <RequestPreview verb="mesh.create" input={input} />
          </Section>
          <ErrorNote error={create.error} />
          <div className="flex flex-wrap gap-2 lg:justify-end">
            <ButtonLink href={paths.meshes()}>Cancel</ButtonLink>
            <Button
              type="submit"
              variant="primary"
              busy={create.isPending}
              disabledReason={
                refusal('mesh.write') ??
                (stopped ? 'The check found something that stands in the way.' : undefined)
              }
            >
              Create mesh
            </Button>
          </div>
        </div>
      </form>
    </FormProvider>
  );
}
