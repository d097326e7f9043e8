'use client';

import { waypointCreate } from '@ambit/contracts/operations/waypoint';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { paths } from '@/lib/paths.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { Field, Input } from '@/ui/field.tsx';
import { FormDialog } from '@/ui/form-dialog.tsx';
import { notify } from '@/ui/toast.ts';
import { draftOf, WishFields, wishOf } from './wish-fields.tsx';

/** Asks for a waypoint, in each cluster of the mesh. */
export function CreateDialog({ onClose }: { onClose: () => void }) {
  const mesh = useMesh();
  const trpc = useTRPC();
  const router = useRouter();
  const [namespace, setNamespace] = useState('');
  const [name, setName] = useState('waypoint');
  const [draft, setDraft] = useState(draftOf());
  const pools = useQuery(trpc.waypointPool.list.queryOptions({ meshId: mesh.id, limit: 500 })).data;
  const namespaces = useQuery(
    trpc.enrolment.list.queryOptions({ meshId: mesh.id, level: 'namespace', limit: 500 }),
  ).data;
  const create = useMutation(
    trpc.waypoint.create.mutationOptions({
      onSuccess: (made) => {
        notify.done(
          `${made.namespace}/${made.name} is asked for`,
          'It serves once it is Programmed.',
        );
        // The dialog goes with the page: to clear its flag in the URL too would undo the way there.
        router.push(paths.waypoint(mesh.id, made.clusterId, made.namespace, made.name));
      },
    }),
  );
  const names = [...new Set(namespaces?.items.map((each) => each.name))].toSorted();
  return (
    <FormDialog
      title="New waypoint"
      description={
        mesh.clusters.length > 1
          ? `Made in each of the ${mesh.clusters.length} clusters of the mesh, as a Gateway among its policies.`
          : 'Made as a Gateway among the policies of the mesh.'
      }
      verb="waypoint.create"
      schema={waypointCreate.input}
      input={{ meshId: mesh.id, namespace: namespace.trim(), name: name.trim(), ...wishOf(draft) }}
      sample={{ namespace: 'shop' }}
      action="Ask for it"
      mutation={{ ...create, isPending: create.isPending || create.isSuccess }}
      onClose={onClose}
    >
      {(problem) => (
        <>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field
              label="Namespace"
              help="Where its Gateway and its pods are"
              error={problem('namespace')}
            >
              <Input
                autoFocus
                autoComplete="off"
                list="waypoint-namespaces"
                value={namespace}
                placeholder="shop"
                onChange={(event) => setNamespace(event.target.value)}
              />
            </Field>
            <datalist id="waypoint-namespaces">
              {names.map((each) => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </datalist>
            <Field
              label="Name"
              standard="waypoint"
              help="Labels name it so"
              error={problem('name')}
            >
              <Input
                autoComplete="off"
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            </Field>
          </div>
          <WishFields
            draft={draft}
            onChange={setDraft}
            pools={pools?.items ?? []}
            problem={problem}
          />
          <p className="text-sm text-ink-2">
            Nothing uses it until a label names it. Enrolment sets the label, once it is Programmed.
          </p>
        </>
      )}
    </FormDialog>
  );
}
