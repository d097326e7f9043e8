import Link from 'next/link';
import type { ReactNode } from 'react';
import { paths } from '@/lib/paths.ts';
import { StatusIcon, statusWord } from '@/ui/status.tsx';

interface Part {
  part: string;
  verdict: 'ok' | 'warning' | 'error' | 'unknown';
  summary: string;
  details: string[];
}

/** What each part is called, and where to act on it. */
const about: Record<string, { title: string; words: string; href: (meshId: string) => string }> = {
  versions: {
    title: 'Versions',
    words: 'Upgrade',
    href: (id) => `${paths.meshSettings(id)}#upgrade`,
  },
  certificates: {
    title: 'Certificates',
    words: 'All certificates',
    href: (id) => `${paths.mesh(id)}#certificates`,
  },
  proxies: { title: 'Proxies', words: 'Workloads', href: paths.meshWorkloads },
  configuration: { title: 'Configuration', words: 'Findings', href: paths.meshFindings },
  enrolment: { title: 'Enrolment', words: 'Enrolment', href: paths.meshEnrolment },
  capacity: { title: 'Capacity', words: 'Settings', href: paths.meshSettings },
};

/** A line of details; what begins with the code of a rule leads to what it means. */
function line(text: string): ReactNode {
  const [, code, rest] = /^([A-Z]{3}\d{4}) (.*)$/s.exec(text) ?? [];
  if (!code) return text;
  return (
    <>
      <Link href={paths.rule(code)} className="underline">
        {code}
      </Link>{' '}
      {rest}
    </>
  );
}

/** The report on a whole mesh, part by part, each with its verdict and the way to act on it. */
export function ReportResult({ parts, meshId }: { parts: unknown; meshId: string }) {
  return (
    <ul className="divide-y divide-line" aria-label="Parts of the report">
      {(parts as Part[]).map(({ part, verdict, summary, details }) => {
        const known = about[part];
        return (
          <li key={part} className="flex items-start gap-3 py-3 first:pt-0 last:pb-0">
            <span className="pt-0.5">
              <StatusIcon status={verdict} size={16} />
            </span>
            <div className="min-w-0 grow">
              <div className="flex flex-wrap items-baseline justify-between gap-x-4">
                <h3 className="font-medium">
                  {known?.title ?? part}
                  <span className="ml-2 text-xs font-normal text-ink-3">{statusWord(verdict)}</span>
                </h3>
                {known ? (
                  <Link href={known.href(meshId)} className="text-sm underline">
                    {known.words}
                  </Link>
                ) : null}
              </div>
              <p className="break-words text-ink-2">{summary}</p>
              {details.length > 0 ? (
                <ul className="mt-1 list-disc pl-4 text-sm text-ink-2">
                  {details.map((each) => (
                    <li key={each} className="break-words">
                      {line(each)}
                    </li>
                  ))}
                </ul>
              ) : null}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
