'use client';

import { waypointUpdate } from '@ambit/contracts/operations/waypoint';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '@/lib/trpc.tsx';
import { useDebounced } from '@/lib/use-debounced.ts';
import { FormDialog } from '@/ui/form-dialog.tsx';
import { ErrorNote, Skeleton } from '@/ui/states.tsx';
import { notify } from '@/ui/toast.ts';
import { PreviewOf, refusalText } from './preview.tsx';
import { draftOf, WishFields, wishOf } from './wish-fields.tsx';
import type { Pool, WaypointDetail } from './words.ts';

interface Props {
  meshId: string;
  waypoint: WaypointDetail;
  pools: readonly Pool[];
  onClose: () => void;
}

/** Moves a waypoint to another pool, or changes what it takes and who may use it; shows first what that would do. */
export function EditDialog({ meshId, waypoint, pools, onClose }: Props) {
  const trpc = useTRPC();
  const [draft, setDraft] = useState(draftOf(waypoint));
  const { namespace, name } = waypoint;
  const where = { meshId, namespace, name };
  const wish = wishOf(draft);
  const update = useMutation(
    trpc.waypoint.update.mutationOptions({
      onSuccess: () => {
        notify.done(`${namespace}/${name} is stored; the agents carry it out`);
        onClose();
      },
    }),
  );
  const change = useDebounced(wish, 300);
  const isWhole = waypointUpdate.input.safeParse({ ...where, ...change }).success;
  const preview = useQuery({
    ...trpc.waypoint.preview.queryOptions({ ...where, act: 'update', change }),
    enabled: isWhole,
    placeholderData: keepPreviousData,
  });
  return (
    <FormDialog
      title={`Change ${namespace}/${name}`}
      description="Size, scaling, nodes, price and reclaim are of its pool: a move changes them together."
      verb="waypoint.update"
      schema={waypointUpdate.input}
      input={{ ...where, ...wish }}
      sample={{}}
      action="Store it"
      disabledReason={
        isWhole && preview.data && !preview.isPlaceholderData
          ? refusalText(preview.data)
          : undefined
      }
      mutation={update}
      onClose={onClose}
    >
      {(problem) => (
        <>
          <WishFields draft={draft} onChange={setDraft} pools={pools} problem={problem} />
          {preview.error ? (
            <ErrorNote error={preview.error} />
          ) : preview.data ? (
            <PreviewOf preview={preview.data} />
          ) : (
            <Skeleton lines={3} />
          )}
        </>
      )}
    </FormDialog>
  );
}
