'use client';

import Link from 'next/link';
import { useId } from 'react';
import { cn } from '@/lib/cn.ts';
import { paths } from '@/lib/paths.ts';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { meshRefusal } from '@/features/clusters/cluster-state.ts';
import { FieldError } from '@/ui/field.tsx';
import { ErrorNote, Note, Skeleton } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';

interface Props {
  chosen: string[];
  onChange: (ids: string[]) => void;
  error?: string | undefined;
}

/** Clusters to choose from; those that cannot be taken say why. */
export function ClusterChoice({ chosen, onChange, error }: Props) {
  const id = useId();
  const client = useTRPCClient();
  const list = useAll(['cluster', 'list'], {}, (page) => client.cluster.list.query(page));
  if (list.error) return <ErrorNote error={list.error} />;
  if (!list.data) return <Skeleton lines={3} />;
  if (list.data.items.length === 0)
    return (
      <Note
        title="No cluster has joined yet"
        action={
          <Link href={paths.clusterJoin()} className="text-accent underline underline-offset-2">
            Join a cluster
          </Link>
        }
      >
        A mesh needs at least one connected cluster.
      </Note>
    );
  return (
    <fieldset className="min-w-0">
      <legend className="sr-only">Clusters</legend>
      <ul className="divide-y divide-line rounded-lg border border-line-strong">
        {list.data.items.map((cluster) => {
          const reason = meshRefusal(cluster);
          const boxId = `${id}-${cluster.id}`;
          return (
            <li key={cluster.id} className="flex items-start gap-3 px-3 py-2.5">
              <input
                id={boxId}
                type="checkbox"
                className="mt-0.5 shrink-0"
                checked={chosen.includes(cluster.id)}
                disabled={Boolean(reason)}
                aria-describedby={`${boxId}-text`}
                onChange={(event) =>
                  onChange(
                    event.target.checked
                      ? [...chosen, cluster.id]
                      : chosen.filter((each) => each !== cluster.id),
                  )
                }
              />
              <div className="min-w-0 grow">
                <label htmlFor={boxId} className={cn('font-medium', reason && 'text-ink-3')}>
                  {cluster.name}
                </label>
                <p id={`${boxId}-text`} className="text-xs text-ink-3">
                  {reason ??
                    `Kubernetes ${cluster.kubernetesVersion ?? 'unknown'}, ${cluster.nodes.length} node${cluster.nodes.length === 1 ? '' : 's'}`}
                </p>
              </div>
              <Status status={cluster.state} quiet />
            </li>
          );
        })}
      </ul>
      {error ? (
        <div className="mt-1">
          <FieldError>
            {/expected array|too small|at least|>=1/i.test(error)
              ? 'Choose at least one cluster.'
              : error}
          </FieldError>
        </div>
      ) : null}
    </fieldset>
  );
}
