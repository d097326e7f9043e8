'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { kubectlKind } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button, ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Facts, Section } from '@/ui/page.tsx';
import { ErrorState, Note, Skeleton } from '@/ui/states.tsx';
import { Status, Tag } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { notify } from '@/ui/toast.ts';
import { YamlEditor } from '@/ui/yaml.tsx';
import { AdoptDialog, DecideDialog } from './direct-dialogs.tsx';
import { DirectSides } from './direct-sides.tsx';
import { directStatus, writerWords } from './direct-words.ts';

type Direct = Outputs['direct']['get'];

/** An object that others applied directly in a cluster: what it is, and what a person can decide of it. */
export function DirectPage({ objectId }: { objectId: string }) {
  const mesh = useMesh();
  const trpc = useTRPC();
  const query = useQuery(trpc.direct.get.queryOptions({ meshId: mesh.id, objectId }));
  if (query.error && !query.data)
    return (
      <div className="flex flex-col items-center gap-2">
        <ErrorState error={query.error} what="this object" onRetry={() => void query.refetch()} />
        <p className="max-w-lg text-center text-sm text-ink-2">
          It may have been adopted, or removed from its cluster.
        </p>
        <ButtonLink href={paths.meshPolicies(mesh.id)}>All policies</ButtonLink>
      </div>
    );
  if (!query.data) return <Skeleton lines={8} />;
  return <DirectObject meshId={mesh.id} object={query.data} />;
}

function DirectObject({ meshId, object }: { meshId: string; object: Direct }) {
  const kind = kubectlKind(object.apiVersion, object.kind);
  const where = object.namespace ? `-n ${object.namespace} ` : '';
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
          <h2 className="text-lg font-semibold break-words">{object.name}</h2>
          <Tag>{object.kind}</Tag>
          <Status status={directStatus(object.state)} />
        </div>
        <div className="flex flex-wrap gap-2">
          <CopyAs
            verb="direct.get"
            input={{ meshId, objectId: object.id }}
            kubectl={`kubectl ${where}get ${kind} ${object.name} -o yaml`}
          />
          <Choices meshId={meshId} object={object} />
        </div>
      </div>
      <ul className="max-w-3xl list-disc pl-5 text-ink-2" aria-label="What this means">
        {object.explanation.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {object.madeFor ? (
        <Note>
          It was made for {object.madeFor}, which would make it again: look at that instead.
        </Note>
      ) : null}
      {object.truncated ? (
        <Note tone="warn" title="Its content is too large to be shown">
          Read it in the cluster with kubectl.
        </Note>
      ) : null}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_300px]">
        {object.policy ? (
          <DirectSides object={object} policy={object.policy} />
        ) : (
          <div className="card min-w-0 overflow-hidden">
            <YamlEditor value={object.yaml} readOnly label="YAML as it would be adopted" />
          </div>
        )}
        <About object={object} />
      </div>
    </div>
  );
}

function Choices({ meshId, object }: { meshId: string; object: Direct }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const router = useRouter();
  const refused = useRefusal()('policy.write');
  const [asking, setAsking] = useState<'adopt' | 'keep' | 'take' | null>(null);
  const input = { meshId, objectId: object.id };
  const leave = useMutation(
    trpc.direct.leave.mutationOptions({
      onSuccess: () => {
        notify.done(`${object.name} is left to ${object.clusterName}`);
        void cache.invalidateQueries({ queryKey: [['direct']] });
      },
      onError: (error) => notify.failed('Could not note it', error),
    }),
  );
  const close = () => setAsking(null);
  const cannotAdopt =
    refused ??
    (object.madeFor ? `It was made for ${object.madeFor}.` : undefined) ??
    (object.truncated ? 'It is too large to be told by the agent.' : undefined);
  const isChosen = (state: Direct['state']) =>
    object.state === state ? 'This is what was decided.' : undefined;
  return (
    <>
      {object.policyId ? (
        <>
          <Button disabledReason={refused ?? isChosen('kept')} onClick={() => setAsking('keep')}>
            Keep the cluster’s
          </Button>
          <Button
            disabledReason={refused ?? isChosen('changing')}
            onClick={() => setAsking('take')}
          >
            Take the mesh’s
          </Button>
          <ButtonLink href={paths.policy(meshId, object.policyId)}>The mesh’s policy</ButtonLink>
        </>
      ) : (
        <Button
          busy={leave.isPending}
          disabledReason={refused ?? isChosen('left')}
          onClick={() => leave.mutate(input)}
        >
          Leave it
        </Button>
      )}
      <Button variant="primary" disabledReason={cannotAdopt} onClick={() => setAsking('adopt')}>
        Adopt
      </Button>
      {asking === 'adopt' ? (
        <AdoptDialog
          meshId={meshId}
          object={object}
          onClose={close}
          onDone={(policyId) => router.push(paths.policy(meshId, policyId))}
        />
      ) : null}
      {asking === 'keep' || asking === 'take' ? (
        <DecideDialog meshId={meshId} object={object} choice={asking} onClose={close} />
      ) : null}
    </>
  );
}

function About({ object }: { object: Direct }) {
  return (
    <Section title="About">
      <Facts
        items={[
          ['Origin', object.clusterName],
          ['Written by', writerWords(object)],
          ['Namespace', object.namespace || 'none'],
          ['API version', object.apiVersion],
          ['First seen', <Time key="f" at={object.firstSeenAt} />],
          ['Changed', <Time key="c" at={object.changedAt} />],
          ...(object.decidedBy
            ? [['Decided by', object.decidedBy] as [string, React.ReactNode]]
            : []),
        ]}
      />
    </Section>
  );
}
