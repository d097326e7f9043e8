'use client';

import { skipToken, useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { sentence } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button, ButtonLink } from '@/ui/button.tsx';
import { ConfirmDialog } from '@/ui/confirm-dialog.tsx';
import { Skeleton } from '@/ui/states.tsx';
import { notify } from '@/ui/toast.ts';
import { PreviewOf, refusalText } from './preview.tsx';

interface Props {
  meshId: string;
  namespace: string;
  name: string;
  act: 'release' | 'delete';
  /** Goes on with the other one, where this one is refused. */
  onOther: () => void;
  onClose: () => void;
}

/** Asks before a waypoint is released or deleted, with what the server says would happen. */
export function ActDialog({ meshId, namespace, name, act, onOther, onClose }: Props) {
  const trpc = useTRPC();
  const router = useRouter();
  const input = { meshId, namespace, name };
  const preview = useQuery(trpc.waypoint.preview.queryOptions({ ...input, act }));
  const other = useQuery(
    trpc.waypoint.preview.queryOptions(
      preview.data?.allowed === false
        ? { ...input, act: act === 'delete' ? 'release' : 'delete' }
        : skipToken,
    ),
  ).data;
  const release = useMutation(
    trpc.waypoint.release.mutationOptions({
      onSuccess: ({ operation }) => {
        router.push(paths.operation(operation.id));
      },
    }),
  );
  const remove = useMutation(
    trpc.waypoint.delete.mutationOptions({
      onSuccess: () => {
        notify.done(`${namespace}/${name} is deleted`);
        router.push(paths.meshWaypoints(meshId));
      },
    }),
  );
  const isRelease = act === 'release';
  const chosen = isRelease ? release : remove;
  return (
    <ConfirmDialog
      title={isRelease ? `Release ${namespace}/${name}?` : `Delete ${namespace}/${name}?`}
      verb={`waypoint.${act}`}
      input={input}
      action={isRelease ? 'Release it' : 'Delete it'}
      mutation={{ ...chosen, isPending: chosen.isPending || chosen.isSuccess }}
      disabledReason={
        preview.data
          ? refusalText(preview.data)
          : preview.error
            ? 'What it would do could not be computed.'
            : 'What it would do is being computed.'
      }
      onClose={onClose}
    >
      <p>
        {isRelease
          ? 'The labels that name it go first, and it goes once that is proven. L4 stays as it is.'
          : 'Its Gateway goes, and its replicas with it.'}
      </p>
      {preview.data ? <PreviewOf preview={preview.data} /> : null}
      {preview.error ? (
        <p className="text-sm text-bad">{sentence(preview.error.message)}</p>
      ) : preview.data ? null : (
        <Skeleton lines={3} />
      )}
      {preview.data?.allowed === false ? (
        <div className="flex flex-wrap gap-2">
          {other?.allowed ? (
            <Button size="sm" onClick={onOther}>
              {isRelease ? 'Delete it instead' : 'Release it instead'}
            </Button>
          ) : null}
          <ButtonLink size="sm" href={paths.meshEnrolment(meshId)}>
            Open enrolment
          </ButtonLink>
        </div>
      ) : null}
    </ConfirmDialog>
  );
}
