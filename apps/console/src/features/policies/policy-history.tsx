'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { parseAsInteger, useQueryState } from 'nuqs';
import { VersionFindings } from '@/features/findings/policy-findings.tsx';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { cn } from '@/lib/cn.ts';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { Button, ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import { Time } from '@/ui/time.tsx';
import { notify } from '@/ui/toast.ts';
import { YamlDiff, YamlEditor } from '@/ui/yaml.tsx';
import { writtenWith } from './writer.ts';

const words = {
  created: 'Created',
  updated: 'Changed',
  adopted: 'Adopted',
  deleting: 'Deletion asked for',
  deleted: 'Deleted',
  restored: 'Restored',
};

const opWords = { add: 'added', remove: 'removed', replace: 'changed' };

/** A value on one line. */
function short(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Every version of a policy; the chosen one against the one before it, and a way back to it. */
export function PolicyHistory({ policyId }: { policyId: string }) {
  const mesh = useMesh();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const router = useRouter();
  const refusal = useRefusal();
  const [chosen, setChosen] = useQueryState('version', parseAsInteger);
  const input = { meshId: mesh.id, policyId };
  const policy = useQuery({ ...trpc.policy.get.queryOptions(input), retry: false });
  const history = useAll(['policy', 'history'], input, (page) => client.policy.history.query(page));
  const restore = useMutation(
    trpc.policy.restore.mutationOptions({
      onSuccess: (stored) => {
        notify.done(`Restored as version ${stored.version}`);
        router.push(paths.policy(mesh.id, policyId));
      },
      onError: (error) => notify.failed('Could not restore it', error),
    }),
  );
  if (history.error && !history.data)
    return (
      <ErrorState error={history.error} what="the history" onRetry={() => void history.refetch()} />
    );
  if (!history.data) return <Skeleton lines={8} />;
  const versions = history.data.items;
  const newest = versions[0];
  const refused = refusal('policy.write', {
    meshId: mesh.id,
    namespace: policy.data?.namespace ?? '',
    verb: newest?.change === 'deleted' ? 'create' : 'update',
  });
  const index = Math.max(
    0,
    versions.findIndex((each) => each.version === chosen),
  );
  const version = versions[index];
  const before = versions[index + 1];
  if (!version || !newest) return <p className="text-ink-3">This policy has no history.</p>;
  const isNow = version.version === newest.version && newest.change !== 'deleted';
  const restoreInput = { ...input, version: version.version };
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="text-lg font-semibold">
          History of {policy.data ? `${policy.data.kind} ${policy.data.name}` : 'the policy'}
        </h2>
        <div className="flex flex-wrap gap-2">
          <CopyAs verb="policy.restore" input={restoreInput} />
          {newest.change === 'deleted' ? null : (
            <ButtonLink href={paths.policy(mesh.id, policyId)}>Back to the policy</ButtonLink>
          )}
          <Button
            variant="primary"
            busy={restore.isPending}
            disabledReason={
              refused ??
              (isNow
                ? 'This is the version that holds now.'
                : version.change === 'deleted'
                  ? 'Choose a version with a text.'
                  : undefined)
            }
            onClick={() => restore.mutate(restoreInput)}
          >
            Restore version {version.version}
          </Button>
        </div>
      </div>
      <div className="grid items-start gap-5 lg:grid-cols-[260px_minmax(0,1fr)]">
        <ol aria-label="Versions" className="card max-h-[70vh] divide-y divide-line overflow-auto">
          {versions.map((each) => (
            <li key={each.version}>
              <button
                type="button"
                aria-current={each.version === version.version ? 'true' : undefined}
                onClick={() => void setChosen(each.version)}
                className={cn(
                  'flex w-full flex-col px-3 py-2 text-left hover:bg-hover focus-visible:-outline-offset-2',
                  each.version === version.version && 'bg-accent-soft',
                )}
              >
                <span className="flex w-full items-baseline justify-between gap-2">
                  <span className="tnum font-medium">Version {each.version}</span>
                  <span className="text-xs text-ink-2">{words[each.change]}</span>
                </span>
                <span className="text-xs text-ink-2">
                  {each.author} ({writtenWith(each)}), <Time at={each.at} />
                </span>
                {each.change === 'adopted' ? (
                  <span className="text-xs text-ink-2">from {each.manager}</span>
                ) : null}
              </button>
            </li>
          ))}
        </ol>
        <div className="card min-w-0 overflow-hidden">
          <p className="border-b border-line px-3 py-2 text-xs text-ink-3">
            {before
              ? `Version ${before.version} to version ${version.version}`
              : `Version ${version.version}, the first`}
            , by {version.author} through {writtenWith(version)}, <Time at={version.at} />
          </p>
          {version.change === 'deleted' ? null : (
            <VersionFindings meshId={mesh.id} policyId={policyId} version={version.version} />
          )}
          {version.changes.length > 0 &&
          before?.change !== 'deleted' &&
          version.change !== 'deleted' ? (
            <ul
              aria-label="Changed fields"
              className="flex max-h-32 flex-col gap-0.5 overflow-auto border-b border-line px-3 py-2 font-mono text-xs"
            >
              {version.changes.map(({ op, path, before: was, after: is }) => (
                <li key={`${op}${path}`} className="break-all">
                  <span className="text-ink-3">{opWords[op]}</span> {path}
                  {op === 'replace' ? `: ${short(was)} → ${short(is)}` : ''}
                </li>
              ))}
            </ul>
          ) : null}
          {before &&
          before.yaml === version.yaml &&
          before.change !== 'deleted' &&
          version.change !== 'deleted' ? (
            <p className="border-b border-line px-3 py-2 text-ink-2">
              The text is the same as before.
            </p>
          ) : null}
          {before ? (
            <YamlDiff
              before={before.change === 'deleted' ? '' : before.yaml}
              after={version.change === 'deleted' ? '' : version.yaml}
              label={`Changes of version ${version.version}`}
            />
          ) : (
            <YamlEditor value={version.yaml} readOnly label={`Version ${version.version}`} />
          )}
        </div>
      </div>
    </div>
  );
}
