'use client';

import type { LifecycleOperation } from '@ambit/contracts/lifecycle';
import Link from 'next/link';
import { paths } from '@/lib/paths.ts';
import { StatusIcon, statusWord } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { operationName, operationSentence } from './progress.ts';

interface Props {
  operation: LifecycleOperation;
  onGo?: () => void;
}

/** One operation in two lines: what it is, and what is happening. */
export function OperationLine({ operation, onGo }: Props) {
  return (
    <Link
      href={paths.operation(operation.id)}
      {...(onGo ? { onClick: onGo } : {})}
      className="flex items-start gap-2.5 px-3 py-2.5 hover:bg-hover"
    >
      <span className="pt-0.5">
        <StatusIcon status={operation.state} size={15} />
      </span>
      <span className="min-w-0 grow">
        <span className="flex items-baseline gap-3">
          <span className="min-w-0 grow truncate font-medium">{operationName(operation)}</span>
          <span className="shrink-0 text-xs text-ink-3">
            <Time at={operation.finishedAt ?? operation.createdAt} />
          </span>
        </span>
        <span className="line-clamp-2 text-xs text-ink-3">
          {statusWord(operation.state)} · {operationSentence(operation)}
        </span>
      </span>
    </Link>
  );
}
