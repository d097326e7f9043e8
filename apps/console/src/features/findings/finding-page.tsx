'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { EyeOff } from 'lucide-react';
import Link from 'next/link';
import { lazy, type ReactNode, Suspense } from 'react';
import { kubectlKind, sentence } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { useFlag } from '@/lib/use-flag.ts';
import { Button, ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Facts, Section } from '@/ui/page.tsx';
import { ErrorNote, ErrorState, Note, Skeleton } from '@/ui/states.tsx';
import { Status, Tag } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { notify } from '@/ui/toast.ts';
import { YamlDiff } from '@/ui/yaml.tsx';
import { inline } from './markdown.tsx';

type Finding = Outputs['finding']['get'];

const SuppressDialog = lazy(() =>
  import('./suppress-dialog.tsx').then((m) => ({ default: m.SuppressDialog })),
);

/** One finding: what, why, what follows, and what to do. */
export function FindingPage({ findingId }: { findingId: string }) {
  const trpc = useTRPC();
  const query = useQuery({ ...trpc.finding.get.queryOptions({ findingId }), retry: false });
  if (query.error && !query.data)
    return (
      <ErrorState error={query.error} what="this finding" onRetry={() => void query.refetch()} />
    );
  if (!query.data) return <Skeleton lines={8} />;
  return <FindingView finding={query.data} />;
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <h3 className="text-xs font-medium text-ink-3">{title}</h3>
      <p className="mt-0.5 max-w-3xl">{children}</p>
    </div>
  );
}

function FindingView({ finding }: { finding: Finding }) {
  const refused = useRefusal()('finding.write');
  const [suppressing, setSuppressing] = useFlag('suppress');
  const state = finding.resolvedAt
    ? 'resolved'
    : finding.suppressed
      ? 'suppressed'
      : finding.severity;
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0 grow basis-72">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Status status={state} />
            <Tag mono>{finding.code}</Tag>
            <span className="min-w-0 text-sm break-words text-ink-2">{finding.resource}</span>
          </div>
          <h2 className="mt-1.5 text-lg font-semibold break-words">{sentence(finding.message)}</h2>
        </div>
        <div className="flex flex-wrap gap-2">
          <CopyAs
            verb="finding.get"
            input={{ findingId: finding.id }}
            kubectl={`kubectl ${finding.namespace ? `-n ${finding.namespace} ` : ''}get ${kubectlKind('', finding.kind)} ${finding.name} -o yaml`}
          />
          <ButtonLink href={paths.rule(finding.code)}>Why</ButtonLink>
          <OpenSubject finding={finding} />
          <Button
            icon={<EyeOff size={14} aria-hidden="true" />}
            disabledReason={
              refused ??
              (finding.resolvedAt
                ? 'It is resolved.'
                : finding.suppressed
                  ? 'It is suppressed already.'
                  : undefined)
            }
            onClick={() => setSuppressing(true)}
          >
            Suppress
          </Button>
        </div>
      </div>
      {finding.suppressed ? (
        <Note title={`Suppressed by ${finding.suppressed.by}`}>
          {sentence(finding.suppressed.reason)}{' '}
          {finding.suppressed.expiresAt ? (
            <>
              Ends <Time at={finding.suppressed.expiresAt} />.
            </>
          ) : null}
        </Note>
      ) : null}
      <div className="card flex flex-col gap-4 p-4">
        <Part title="Cause">{inline(sentence(finding.cause))}</Part>
        <Part title="Consequence">{inline(sentence(finding.consequence))}</Part>
        <Part title="What to do">{inline(sentence(finding.advice))}</Part>
      </div>
      {finding.fixed ? <Fixed finding={finding} fixed={finding.fixed} /> : null}
      <Section title="About">
        <Facts
          items={[
            ['Where', <Place key="p" finding={finding} />],
            ['Namespace', finding.namespace || 'none'],
            [
              'Cluster',
              finding.clusterId ? (
                <Link key="c" href={paths.cluster(finding.clusterId)} className="underline">
                  {finding.clusterName ?? finding.clusterId}
                </Link>
              ) : (
                'wanted of every cluster'
              ),
            ],
            ['First seen', <Time key="f" at={finding.firstSeen} />],
            ['Last seen', <Time key="l" at={finding.lastSeen} />],
            ['Resolved', <Time key="r" at={finding.resolvedAt} never="not yet" />],
            ...(finding.firstVersion
              ? [
                  [
                    'Version of the policy',
                    finding.lastVersion && finding.lastVersion !== finding.firstVersion
                      ? `${finding.firstVersion} to ${finding.lastVersion}`
                      : `since ${finding.firstVersion}`,
                  ] as [string, ReactNode],
                ]
              : []),
            [
              'Rule',
              <Link key="w" href={paths.rule(finding.code)} className="underline">
                {finding.code}
              </Link>,
            ],
          ]}
        />
      </Section>
      {suppressing && !refused ? (
        <Suspense>
          <SuppressDialog finding={finding} onClose={() => setSuppressing(false)} />
        </Suspense>
      ) : null}
    </div>
  );
}

const certificateKinds = ['Secret', 'CertificateAuthority'];

/** The way to what the finding is about: its line in the policy, the object in the cluster, the certificates. */
function OpenSubject({ finding }: { finding: Finding }) {
  const { meshId, policyId, objectId, clusterId, kind } = finding;
  if (policyId) {
    return (
      <ButtonLink href={policyHref(finding, policyId)}>
        {finding.line ? `Open line ${finding.line}` : 'Open the policy'}
      </ButtonLink>
    );
  }
  if (objectId)
    return <ButtonLink href={paths.directObject(meshId, objectId)}>Open the object</ButtonLink>;
  if (clusterId && certificateKinds.includes(kind)) {
    return (
      <ButtonLink href={`${paths.cluster(clusterId)}#certificates`}>
        Open the certificates
      </ButtonLink>
    );
  }
  return null;
}

const policyHref = ({ meshId, line }: Finding, policyId: string): string =>
  line ? paths.policyLine(meshId, policyId, line) : paths.policy(meshId, policyId);

function Place({ finding }: { finding: Finding }) {
  const { policyId, path, line } = finding;
  const words = path || 'the whole object';
  if (!policyId) return words;
  return (
    <Link href={policyHref(finding, policyId)} className="underline">
      {words}
      {line ? `, line ${line}` : ''}
    </Link>
  );
}

/** The fix as it would change the text, and a button that stores it. */
function Fixed({ finding, fixed }: { finding: Finding; fixed: NonNullable<Finding['fixed']> }) {
  const trpc = useTRPC();
  const refused = useRefusal()('policy.write');
  const update = useMutation(
    trpc.policy.update.mutationOptions({
      onSuccess: (stored) => notify.done(`Version ${stored.version} stored with the fix`),
    }),
  );
  if (!finding.policyId) return null;
  const input = {
    meshId: finding.meshId,
    policyId: finding.policyId,
    version: fixed.version,
    yaml: fixed.after,
  };
  return (
    <Section
      title={finding.fix?.title ?? 'Fix'}
      text="What it changes in the policy."
      bare
      actions={
        <div className="flex flex-wrap gap-2">
          <CopyAs verb="policy.update" input={input} />
          <Button
            variant="primary"
            busy={update.isPending}
            disabledReason={refused ?? (update.isSuccess ? 'It is stored.' : undefined)}
            onClick={() => update.mutate(input)}
          >
            Apply fix
          </Button>
        </div>
      }
    >
      <div className="card overflow-hidden">
        <YamlDiff before={fixed.before} after={fixed.after} label="What the fix changes" />
      </div>
      <div className="mt-2">
        <ErrorNote error={update.error} />
      </div>
    </Section>
  );
}
