'use client';

import type { Permission } from '@ambit/contracts/roles';
import { CircleX, CloudOff, Lock, SearchX } from 'lucide-react';
import type { ReactNode } from 'react';
import { errorBody } from '@/lib/errors.ts';
import { cn } from '@/lib/cn.ts';
import { sentence } from '@/lib/format.ts';
import { Button } from './button.tsx';
import { Code, CopyButton } from './copy.tsx';

interface EmptyProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** A command that does the same, and works as it stands. */
  command?: string;
}

/** Nothing here yet: what this is for, and the next step. */
export function Empty({ icon, title, children, action, command }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-3 px-4 py-10 text-center">
      {icon ? (
        <div className="flex size-10 items-center justify-center rounded-full bg-accent-soft text-accent">
          {icon}
        </div>
      ) : null}
      <div className="max-w-lg">
        <h2 className="text-base font-semibold">{title}</h2>
        {children ? <div className="mt-1 text-sm text-ink-2">{children}</div> : null}
      </div>
      {action}
      {command ? (
        <div className="w-full max-w-xl text-left">
          <p className="mb-1 text-xs text-ink-3">Or from a shell</p>
          <Code code={command} label="command" />
        </div>
      ) : null}
    </div>
  );
}

interface ErrorProps {
  error: unknown;
  onRetry?: () => void;
  /** What could not be shown, as in "the clusters". */
  what?: string;
  permission?: Permission;
}

/** A failure: what happened, what to do, and the request id to quote. */
export function ErrorState({ error, onRetry, what = 'this page' }: ErrorProps) {
  const body = errorBody(error);
  const [Icon, title] =
    body.code === 'forbidden'
      ? [Lock, `You may not see ${what}`]
      : body.code === 'not_found'
        ? [SearchX, 'Not found']
        : body.code === 'unavailable'
          ? [CloudOff, 'No answer']
          : [CircleX, `Could not load ${what}`];
  const quiet = body.code === 'forbidden' || body.code === 'not_found';
  return (
    <div role="alert" className="flex flex-col items-center gap-3 px-4 py-10 text-center">
      <div
        className={cn(
          'flex size-10 items-center justify-center rounded-full',
          quiet ? 'bg-idle-soft text-idle' : 'bg-bad-soft text-bad',
        )}
      >
        <Icon size={18} aria-hidden="true" />
      </div>
      <div className="max-w-lg">
        <h2 className="text-base font-semibold">{title}</h2>
        <p className="mt-1 text-sm text-ink-2">{sentence(body.message)}</p>
        {body.fix ? <p className="mt-1 text-sm text-ink-2">{sentence(body.fix)}</p> : null}
      </div>
      {onRetry && !quiet ? <Button onClick={onRetry}>Try again</Button> : null}
      {body.requestId ? (
        <p className="flex items-center gap-1 text-xs text-ink-3">
          Request <span className="font-mono">{body.requestId}</span>
          <CopyButton text={body.requestId} label="Copy request id" iconOnly />
        </p>
      ) : null}
    </div>
  );
}

/** An error inside a form or dialog. */
export function ErrorNote({ error }: { error: unknown }) {
  if (!error) return null;
  const body = errorBody(error);
  return (
    <div
      role="alert"
      className="rounded-lg border border-[color-mix(in_oklab,var(--bad)_40%,transparent)] bg-bad-soft px-3 py-2 text-sm"
    >
      <p className="font-medium text-bad">{sentence(body.message)}</p>
      {body.fix ? <p className="text-ink">{sentence(body.fix)}</p> : null}
      {body.details?.length ? (
        <ul className="mt-1 list-disc pl-5 text-ink">
          {body.details.map((issue) => (
            <li key={`${issue.path}${issue.line}${issue.message}`}>
              {issue.line ? `Line ${issue.line}: ` : issue.path ? `${issue.path}: ` : ''}
              {issue.message}
            </li>
          ))}
        </ul>
      ) : null}
      {body.requestId ? (
        <p className="mt-1 text-xs text-ink-2">
          Request <span className="font-mono">{body.requestId}</span>
        </p>
      ) : null}
    </div>
  );
}

interface NoteProps {
  tone?: 'info' | 'warn' | 'ok';
  title?: string;
  children: ReactNode;
  action?: ReactNode;
}

const noteTones = {
  info: 'border-line-strong bg-surface',
  warn: 'border-[color-mix(in_oklab,var(--warn)_40%,transparent)] bg-warn-soft',
  ok: 'border-[color-mix(in_oklab,var(--ok)_40%,transparent)] bg-ok-soft',
};

/** Something to know before going on. */
export function Note({ tone = 'info', title, children, action }: NoteProps) {
  return (
    <div
      className={cn(
        'flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border px-3 py-2 text-sm',
        noteTones[tone],
      )}
    >
      <div className="min-w-0 grow basis-64">
        {title ? <p className="font-medium">{title}</p> : null}
        <div className="text-ink-2">{children}</div>
      </div>
      {action}
    </div>
  );
}

/** Lines of grey while the first answer is under way. */
export function Skeleton({ lines = 3, className }: { lines?: number; className?: string }) {
  return (
    <div role="status" aria-label="Loading" className={cn('flex flex-col gap-3', className)}>
      {Array.from({ length: lines }, (_, i) => (
        <div key={i} className="skeleton h-4" style={{ width: `${92 - ((i * 23) % 48)}%` }} />
      ))}
    </div>
  );
}
