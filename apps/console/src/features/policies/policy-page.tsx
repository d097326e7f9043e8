'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { History, Trash2 } from 'lucide-react';
import { parseAsInteger, useQueryState } from 'nuqs';
import { useState } from 'react';
import { PolicyFindings } from '@/features/findings/policy-findings.tsx';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { errorBody } from '@/lib/errors.ts';
import { kubectlKind } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button, ButtonLink } from '@/ui/button.tsx';
import { Conditions } from '@/ui/conditions.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Facts, Section } from '@/ui/page.tsx';
import { ErrorNote, ErrorState, Note, Skeleton } from '@/ui/states.tsx';
import { Status, Tag } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { notify } from '@/ui/toast.ts';
import { YamlDiff } from '@/ui/yaml.tsx';
import { DeletePolicy } from './delete-policy.tsx';
import { PolicyConflicts } from './policy-conflicts.tsx';
import { PolicyEditor } from './policy-editor.tsx';
import { policyStatus } from './policy-status.ts';
import { writtenWith } from './writer.ts';
import { useDryRun } from './use-dry-run.ts';

type Policy = Outputs['policy']['get'];

export function PolicyPage({ policyId }: { policyId: string }) {
  const mesh = useMesh();
  const trpc = useTRPC();
  const query = useQuery(trpc.policy.get.queryOptions({ meshId: mesh.id, policyId }));
  if (query.error && !query.data)
    return (
      <ErrorState error={query.error} what="this policy" onRetry={() => void query.refetch()} />
    );
  if (!query.data) return <Skeleton lines={8} />;
  return <PolicyForm key={policyId} policy={query.data} />;
}

function PolicyForm({ policy }: { policy: Policy }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const mesh = useMesh();
  const refusal = useRefusal();
  const may = (verb: string) =>
    refusal('policy.write', { meshId: policy.meshId, namespace: policy.namespace, verb });
  const refused = may('update');
  const [base, setBase] = useState({ version: policy.version, yaml: policy.yaml });
  const [text, setText] = useState(policy.yaml);
  const [deleting, setDeleting] = useState(false);
  const [line] = useQueryState('line', parseAsInteger);
  const dirty = text !== base.yaml;
  const moved = policy.version !== base.version;
  const dryRun = useDryRun(policy.meshId, text, !refused);

  const take = (from: Policy) => {
    setBase({ version: from.version, yaml: from.yaml });
    setText(from.yaml);
    update.reset();
  };
  const update = useMutation(
    trpc.policy.update.mutationOptions({
      onSuccess: (stored) => {
        notify.done(`Version ${stored.version} stored`);
        cache.setQueryData(
          trpc.policy.get.queryKey({ meshId: policy.meshId, policyId: policy.id }),
          stored,
        );
        take(stored);
      },
    }),
  );
  if (moved && !dirty && !update.isPending) take(policy);

  const code = update.error ? errorBody(update.error).code : null;
  const conflict = moved && (dirty || code === 'precondition_failed' || code === 'conflict');
  const save = (version = base.version) =>
    update.mutate({ meshId: policy.meshId, policyId: policy.id, version, yaml: text });
  const wait = dirty
    ? dryRun.result?.findings.some(({ denied }) => denied)
      ? 'The mesh denies what it would introduce; see under the text.'
      : dryRun.error
        ? 'The check found something to mend first; see under the text.'
        : moved
          ? 'Someone stored a newer version. Decide above which one holds.'
          : undefined
    : 'Nothing is changed yet.';
  const kind = kubectlKind(policy.apiVersion, policy.kind);
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
          <h2 className="text-lg font-semibold break-words">{policy.name}</h2>
          <Tag>{policy.kind}</Tag>
          <Status status={policyStatus(policy)} />
        </div>
        <div className="flex flex-wrap gap-2">
          <CopyAs
            verb="policy.get"
            input={{ meshId: policy.meshId, policyId: policy.id }}
            kubectl={`kubectl --kubeconfig ambit-${mesh.name}.yaml ${policy.namespace ? `-n ${policy.namespace} ` : ''}get ${kind} ${policy.name} -o yaml`}
          />
          <ButtonLink
            href={paths.policyHistory(policy.meshId, policy.id)}
            icon={<History size={14} aria-hidden="true" />}
          >
            History
          </ButtonLink>
          <Button
            variant="danger"
            icon={<Trash2 size={14} aria-hidden="true" />}
            disabledReason={may('delete')}
            onClick={() => setDeleting(true)}
          >
            Delete
          </Button>
          <Button
            disabledReason={dirty ? undefined : 'Nothing is changed yet.'}
            onClick={() => take(policy)}
          >
            Reset
          </Button>
          <Button
            variant="primary"
            busy={update.isPending}
            disabledReason={refused ?? wait}
            onClick={() => save()}
          >
            Save
          </Button>
        </div>
      </div>
      <PolicyConflicts policy={policy} />
      {policy.finalizers ? (
        <Note tone="warn" title="It is being deleted">
          It waits for {policy.finalizers.length === 1 ? 'the finalizer' : 'the finalizers'}{' '}
          {policy.finalizers.join(', ')}: whoever set{' '}
          {policy.finalizers.length === 1 ? 'it' : 'them'} takes it away when the work is done. The
          policy holds until then.
        </Note>
      ) : null}
      {conflict ? (
        <div className="flex flex-col gap-2">
          <Note
            tone="warn"
            title={`Version ${policy.version} was stored by ${policy.author} meanwhile`}
            action={
              <div className="flex flex-wrap gap-2">
                <Button onClick={() => take(policy)}>Take theirs</Button>
                <Button variant="danger" onClick={() => save(policy.version)}>
                  Store mine over it
                </Button>
              </div>
            }
          >
            You started from version {base.version}. Below, their text against yours.
          </Note>
          <div className="card overflow-hidden">
            <YamlDiff before={policy.yaml} after={text} label="Their version against yours" />
          </div>
        </div>
      ) : (
        <ErrorNote error={update.error} />
      )}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_300px]">
        <PolicyEditor
          text={text}
          onChange={setText}
          dryRun={dryRun}
          readOnly={Boolean(refused)}
          label="Policy YAML"
          line={line}
          onSave={() => {
            if (!refused && !wait) save();
          }}
        />
        <div className="flex min-w-0 flex-col gap-5">
          <Section title="Conditions">
            <div className="[&_li]:!grid-cols-[16px_minmax(0,1fr)] [&_li>*:nth-child(n+3)]:col-start-2">
              <Conditions items={policy.conditions} />
            </div>
          </Section>
          <PolicyFindings meshId={policy.meshId} policyId={policy.id} />
          <Section title="About">
            <Facts
              items={[
                ['Namespace', policy.namespace],
                ['API version', policy.apiVersion],
                ['Version', policy.version],
                ['Changed', <Time key="u" at={policy.updatedAt} />],
                ['By', `${policy.author} (${writtenWith(policy)})`],
                ['Created', <Time key="c" at={policy.createdAt} />],
              ]}
            />
          </Section>
        </div>
      </div>
      {deleting ? <DeletePolicy policy={policy} onClose={() => setDeleting(false)} /> : null}
    </div>
  );
}
