'use client';

import Link from 'next/link';
import { paths } from '@/lib/paths.ts';
import { sentence } from '@/lib/format.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { Section } from '@/ui/page.tsx';
import { StatusIcon } from '@/ui/status.tsx';

type Finding = Outputs['finding']['list']['items'][number];

/** Every finding a policy has or had. */
function usePolicyFindings(meshId: string, policyId: string): Finding[] {
  const client = useTRPCClient();
  const list = useAll(['finding', 'list'], { meshId, policyId, state: 'all' as const }, (page) =>
    client.finding.list.query(page),
  );
  const rank = { error: 0, warning: 1, info: 2 };
  return (list.data?.items ?? []).toSorted((a, b) => rank[a.severity] - rank[b.severity]);
}

function Lines({ findings }: { findings: Finding[] }) {
  return (
    <ul className="flex flex-col gap-2">
      {findings.map((finding) => (
        <li key={finding.id} className="flex items-start gap-2">
          <span className="pt-0.5">
            <StatusIcon
              status={
                finding.resolvedAt
                  ? 'resolved'
                  : finding.suppressed
                    ? 'suppressed'
                    : finding.severity
              }
            />
          </span>
          <Link
            href={paths.finding(finding.meshId, finding.id)}
            className="min-w-0 break-words hover:underline"
          >
            {sentence(finding.message)} <span className="text-xs text-ink-3">{finding.code}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** What is found on a policy now, beside its text. */
export function PolicyFindings(props: { meshId: string; policyId: string }) {
  const all = usePolicyFindings(props.meshId, props.policyId);
  const now = all.filter(({ resolvedAt }) => resolvedAt === null);
  const past = all.length - now.length;
  return (
    <Section
      title="Findings"
      text={past > 0 ? `${past} more were there and are resolved; see the history.` : ''}
    >
      {now.length === 0 ? (
        <p className="text-ink-2">Nothing is wrong with it.</p>
      ) : (
        <Lines findings={now} />
      )}
    </Section>
  );
}

/** What was found on a version of a policy, beside its place in the history. */
export function VersionFindings(props: { meshId: string; policyId: string; version: number }) {
  const { version } = props;
  const findings = usePolicyFindings(props.meshId, props.policyId).filter(
    ({ firstVersion, lastVersion }) =>
      firstVersion !== null &&
      firstVersion <= version &&
      version <= (lastVersion ?? Number.POSITIVE_INFINITY),
  );
  return (
    <div className="border-b border-line px-3 py-2 text-sm">
      {findings.length === 0 ? (
        <p className="text-ink-3">Nothing was found on version {version}.</p>
      ) : (
        <>
          <p className="mb-1 text-xs text-ink-3">Found on version {version}</p>
          <Lines findings={findings} />
        </>
      )}
    </div>
  );
}
