'use client';

import { useQuery } from '@tanstack/react-query';
import { BookOpen } from 'lucide-react';
import { paths } from '@/lib/paths.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { PageHeader } from '@/ui/page.tsx';
import { countsInWords, SeverityCounts } from './counts.tsx';
import { FindingList } from './finding-list.tsx';
import { Trend } from './trend.tsx';

const hours = 24;

export function FindingsPage() {
  const trpc = useTRPC();
  const summary = useQuery(trpc.finding.summary.queryOptions({ hours })).data;
  const meshes = summary?.meshes.filter((each) => each.error + each.warning > 0).length ?? 0;
  const lead = !summary
    ? 'What the diagnosis found in every mesh.'
    : summary.error + summary.warning + summary.info === 0
      ? 'Nothing is wrong in any mesh.'
      : `${countsInWords(summary)} in ${meshes === 1 ? 'one mesh' : `${meshes} meshes`}${summary.suppressed > 0 ? `; ${summary.suppressed} more are suppressed` : ''}.`;
  return (
    <>
      <PageHeader
        title="Findings"
        lead={<span className="first-letter:uppercase">{lead}</span>}
        actions={
          <>
            <CopyAs verb="finding.list" input={{}} />
            <ButtonLink href={paths.rules()} icon={<BookOpen size={14} aria-hidden="true" />}>
              Rules
            </ButtonLink>
          </>
        }
      />
      {summary ? (
        <div className="card mb-4 flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-4 py-3">
          <SeverityCounts counts={summary} />
          <Trend moments={summary.trend} hours={hours} />
        </div>
      ) : null}
      <FindingList />
    </>
  );
}
