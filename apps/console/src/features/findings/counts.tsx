'use client';

import type { FindingSeverity } from '@ambit/contracts/findings';
import { StatusIcon } from '@/ui/status.tsx';
import { count } from '@/lib/format.ts';

export const severities: readonly FindingSeverity[] = ['error', 'warning', 'info'];

type Counts = Record<FindingSeverity, number>;

const words: Record<FindingSeverity, [one: string, many: string]> = {
  error: ['error', 'errors'],
  warning: ['warning', 'warnings'],
  info: ['hint', 'hints'],
};

/** Counts of findings, each with its icon and word. */
export function SeverityCounts({ counts }: { counts: Counts }) {
  return (
    <span className="inline-flex flex-wrap items-center gap-x-3 gap-y-1">
      {severities.map((severity) => (
        <span key={severity} className="inline-flex items-center gap-1.5 whitespace-nowrap">
          <StatusIcon status={severity} />
          <span className="tnum">{count(counts[severity], ...words[severity])}</span>
        </span>
      ))}
    </span>
  );
}

/** "2 errors and 1 warning": what is there, the worst first. */
export function countsInWords(counts: Counts): string {
  const parts = severities
    .filter((severity) => counts[severity] > 0)
    .map((severity) => count(counts[severity], ...words[severity]));
  if (parts.length === 0) return 'nothing';
  return parts.length === 1 ? parts[0]! : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
