'use client';

import { poolSpecSchema } from '@ambit/contracts/agent/waypoint';
import { waypointPoolCreate, waypointPoolUpdate } from '@ambit/contracts/operations/waypoint-pool';
import { keepPreviousData, skipToken, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { useDebounced } from '@/lib/use-debounced.ts';
import { Field, Input, Select } from '@/ui/field.tsx';
import { FormDialog } from '@/ui/form-dialog.tsx';
import { ErrorNote, Skeleton } from '@/ui/states.tsx';
import { notify } from '@/ui/toast.ts';
import { draftOf, specOf, type PoolDraft } from './pool-draft.ts';
import { PoolFields } from './pool-fields.tsx';
import { PreviewOf, refusalText } from './preview.tsx';
import type { Pool } from './words.ts';

type Template = Outputs['waypointPool']['templates']['items'][number];

/** Makes a pool, beginning from a template, or edits one and shows what that does to its waypoints. */
export function PoolDialog({ pool, onClose }: { pool: Pool | null; onClose: () => void }) {
  const mesh = useMesh();
  const trpc = useTRPC();
  const templates = useQuery(trpc.waypointPool.templates.queryOptions(pool ? skipToken : {})).data
    ?.items;
  const [template, setTemplate] = useState('');
  const [name, setName] = useState(pool?.name ?? '');
  const [draft, setDraft] = useState<PoolDraft>(
    draftOf(pool?.spec ?? poolSpecSchema.parse({ kind: 'shared' })),
  );
  const spec = specOf(draft);
  const checked = useDebounced(poolSpecSchema.safeParse(spec).data ?? null, 300);
  const preview = useQuery({
    ...trpc.waypointPool.preview.queryOptions(
      pool && checked
        ? { meshId: mesh.id, poolId: pool.id, act: 'update', spec: checked }
        : skipToken,
    ),
    placeholderData: keepPreviousData,
  });
  const done = {
    onSuccess: (stored: { name: string }) => {
      notify.done(`The pool ${stored.name} is stored; the agents carry it out`);
      onClose();
    },
  };
  const create = useMutation(trpc.waypointPool.create.mutationOptions(done));
  const update = useMutation(trpc.waypointPool.update.mutationOptions(done));
  const begin = (chosen: Template | undefined) => {
    setTemplate(chosen?.name ?? '');
    if (!chosen) return;
    if (name === '' || name === template) setName(chosen.name);
    setDraft(draftOf(chosen.spec));
  };
  const fields = (problem: (field: string) => string | undefined) => (
    <>
      {pool ? null : (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label="Begin with"
            help={
              templates?.find((each) => each.name === template)?.description ??
              'A template fills the fields; each can be changed.'
            }
          >
            <Select
              value={template}
              onChange={(event) =>
                begin(templates?.find((each) => each.name === event.target.value))
              }
            >
              <option value="">no template</option>
              {templates?.map((each) => (
                <option key={each.name} value={each.name}>
                  {each.name} ({each.kind})
                </option>
              ))}
            </Select>
          </Field>
          <Field
            label="Name"
            help="Its GatewayClass is ambit-waypoint- and this"
            error={problem('name')}
          >
            <Input
              autoFocus
              autoComplete="off"
              value={name}
              placeholder="standard"
              onChange={(event) => setName(event.target.value)}
            />
          </Field>
        </div>
      )}
      <PoolFields draft={draft} onChange={setDraft} problem={(path) => problem(`spec.${path}`)} />
      {!pool || !checked ? null : preview.error ? (
        <ErrorNote error={preview.error} />
      ) : preview.data ? (
        <PreviewOf preview={preview.data} />
      ) : (
        <Skeleton lines={3} />
      )}
    </>
  );
  const shared = {
    description: 'A class of waypoints: their size, number, nodes and price.',
    onClose,
  };
  return pool ? (
    <FormDialog
      {...shared}
      title={`Edit pool ${pool.name}`}
      verb="waypointPool.update"
      schema={waypointPoolUpdate.input}
      input={{ meshId: mesh.id, poolId: pool.id, version: pool.version, spec }}
      sample={{}}
      action="Store pool"
      disabledReason={
        checked && preview.data && !preview.isPlaceholderData
          ? refusalText(preview.data)
          : undefined
      }
      mutation={update}
    >
      {fields}
    </FormDialog>
  ) : (
    <FormDialog
      {...shared}
      title="New pool"
      verb="waypointPool.create"
      schema={waypointPoolCreate.input}
      input={{ meshId: mesh.id, name: name.trim(), spec }}
      sample={{ name: 'standard' }}
      action="Store pool"
      mutation={create}
    >
      {fields}
    </FormDialog>
  );
}
