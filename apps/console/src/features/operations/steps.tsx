'use client';

import type { LifecycleOperation, LogLine } from '@ambit/contracts/lifecycle';
import { isFinished } from '@ambit/contracts/operation-states';
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { cn } from '@/lib/cn.ts';
import { count } from '@/lib/format.ts';
import { useNow } from '@/lib/use-now.ts';
import { StatusIcon, statusWord } from '@/ui/status.tsx';
import { currentStep, elapsed, isFallback, logsByStep } from './progress.ts';
import { StepLog } from './step-log.tsx';

interface Props {
  operation: LifecycleOperation;
  logs: LogLine[];
}

/** Steps in order with how long each took, what it says and its log. */
export function Steps({ operation, logs }: Props) {
  const now = useNow();
  const [chosen, setChosen] = useState<Record<string, boolean>>({});
  const byStep = logsByStep(logs);
  const current = currentStep(operation)?.name;
  return (
    <ol className="flex flex-col">
      {operation.steps.map((step, i) => {
        const lines = byStep.get(step.name) ?? [];
        const open = chosen[step.name] ?? (step.name === current && lines.length > 0);
        const last = i === operation.steps.length - 1;
        const quiet = step.state === 'pending' || step.state === 'skipped';
        return (
          <li key={step.name} data-step={step.name} data-state={step.state} className="flex gap-3">
            <div className="flex flex-col items-center pt-0.5" aria-hidden="true">
              <StatusIcon status={step.state} size={18} />
              {last ? null : <span className="my-1 w-px grow bg-line-strong" />}
            </div>
            <div className={cn('min-w-0 grow', !last && 'pb-4')}>
              <div className="flex flex-wrap items-baseline gap-x-3">
                <h3 className={cn('text-sm font-medium', quiet && 'font-normal text-ink-3')}>
                  {step.title}
                </h3>
                <span className="text-xs text-ink-3">
                  {step.state === 'pending' && isFallback(step)
                    ? 'Only if it has to be taken back'
                    : statusWord(step.state)}
                </span>
                <span className="tnum ml-auto text-xs text-ink-3">{elapsed(step, now)}</span>
              </div>
              {step.message ? (
                <p
                  className={cn('break-words', step.state === 'failed' ? 'text-bad' : 'text-ink-2')}
                >
                  {step.message}
                </p>
              ) : null}
              {lines.length > 0 ? (
                <div className="mt-1.5">
                  <button
                    type="button"
                    aria-expanded={open}
                    onClick={() => setChosen({ ...chosen, [step.name]: !open })}
                    className="mb-1 inline-flex items-center gap-1 rounded text-xs text-ink-2 hover:text-ink"
                  >
                    <ChevronRight
                      size={13}
                      aria-hidden="true"
                      className={cn('transition-transform', open && 'rotate-90')}
                    />
                    {count(lines.length, 'log line')}
                  </button>
                  {open ? <StepLog lines={lines} label={`Log of ${step.title}`} /> : null}
                </div>
              ) : null}
            </div>
          </li>
        );
      })}
      {isFinished(operation.state) ? null : <li className="sr-only">More steps may follow.</li>}
    </ol>
  );
}
