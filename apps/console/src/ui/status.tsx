import {
  Ban,
  BellOff,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CirclePause,
  CircleX,
  Clock,
  EyeOff,
  Flame,
  Hourglass,
  Info,
  Layers,
  Layers2,
  LoaderCircle,
  type LucideIcon,
  Minus,
  SquareStack,
  TriangleAlert,
  Unplug,
  UserCheck,
} from 'lucide-react';
import { cn } from '@/lib/cn.ts';

type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'idle';

interface Look {
  icon: LucideIcon;
  tone: Tone;
  word?: string;
  spin?: boolean;
}

/** Every status word of the product with its icon and colour; the words of the API on the left. */
const looks: Record<string, Look> = {
  Ready: { icon: CircleCheck, tone: 'ok' },
  Progressing: { icon: LoaderCircle, tone: 'busy', spin: true },
  Degraded: { icon: TriangleAlert, tone: 'warn' },
  Failed: { icon: CircleX, tone: 'bad' },
  Paused: { icon: CirclePause, tone: 'idle' },
  Unknown: { icon: CircleHelp, tone: 'idle' },
  Waiting: { icon: Hourglass, tone: 'idle' },
  connected: { icon: CircleCheck, tone: 'ok', word: 'Connected' },
  stale: { icon: TriangleAlert, tone: 'warn', word: 'Stale' },
  waiting: { icon: Hourglass, tone: 'idle', word: 'Waiting' },
  gone: { icon: Unplug, tone: 'bad', word: 'Gone' },
  pending: { icon: CircleDashed, tone: 'idle', word: 'Pending' },
  running: { icon: LoaderCircle, tone: 'busy', word: 'Running', spin: true },
  cancelling: { icon: LoaderCircle, tone: 'warn', word: 'Cancelling', spin: true },
  succeeded: { icon: CircleCheck, tone: 'ok', word: 'Succeeded' },
  failed: { icon: CircleX, tone: 'bad', word: 'Failed' },
  cancelled: { icon: Ban, tone: 'idle', word: 'Cancelled' },
  skipped: { icon: Minus, tone: 'idle', word: 'Skipped' },
  Pending: { icon: CircleDashed, tone: 'idle' },
  Applying: { icon: LoaderCircle, tone: 'busy', spin: true },
  Removing: { icon: LoaderCircle, tone: 'busy', spin: true },
  Removed: { icon: Minus, tone: 'idle' },
  ok: { icon: CircleCheck, tone: 'ok', word: 'OK' },
  info: { icon: Info, tone: 'idle', word: 'Info' },
  warning: { icon: TriangleAlert, tone: 'warn', word: 'Warning' },
  error: { icon: CircleX, tone: 'bad', word: 'Error' },
  open: { icon: Clock, tone: 'busy', word: 'Open' },
  accepted: { icon: CircleCheck, tone: 'ok', word: 'Accepted' },
  revoked: { icon: Ban, tone: 'idle', word: 'Revoked' },
  expired: { icon: Clock, tone: 'idle', word: 'Expired' },
  expiring: { icon: Clock, tone: 'warn', word: 'Ends soon' },
  ended: { icon: CircleX, tone: 'bad', word: 'Expired' },
  valid: { icon: CircleCheck, tone: 'ok', word: 'Valid' },
  late: { icon: Clock, tone: 'warn', word: 'Not renewed' },
  early: { icon: Clock, tone: 'bad', word: 'Not yet valid' },
  done: { icon: CircleCheck, tone: 'ok', word: 'Done' },
  refused: { icon: Ban, tone: 'warn', word: 'Refused' },
  'direct-open': { icon: CircleHelp, tone: 'idle', word: 'Undecided' },
  'direct-left': { icon: Minus, tone: 'idle', word: 'Left' },
  'direct-conflict': { icon: TriangleAlert, tone: 'warn', word: 'Conflict' },
  'direct-kept': { icon: CircleCheck, tone: 'ok', word: 'Kept' },
  'direct-changing': { icon: LoaderCircle, tone: 'busy', word: 'Changing hands', spin: true },
  firing: { icon: Flame, tone: 'bad', word: 'Firing' },
  acknowledged: { icon: UserCheck, tone: 'busy', word: 'Acknowledged' },
  silenced: { icon: BellOff, tone: 'idle', word: 'Silenced' },
  resolved: { icon: CircleCheck, tone: 'ok', word: 'Resolved' },
  suppressed: { icon: EyeOff, tone: 'idle', word: 'Suppressed' },
  delivered: { icon: CircleCheck, tone: 'ok', word: 'Delivered' },
  interrupted: { icon: TriangleAlert, tone: 'warn', word: 'Interrupted' },
  failing: { icon: TriangleAlert, tone: 'warn', word: 'Failing' },
  partial: { icon: TriangleAlert, tone: 'warn', word: 'In part' },
  unknown: { icon: CircleHelp, tone: 'idle', word: 'Unknown' },
  active: { icon: BellOff, tone: 'busy', word: 'Active' },
  on: { icon: CircleCheck, tone: 'ok', word: 'On' },
  off: { icon: Minus, tone: 'idle', word: 'Off' },
  none: { icon: Minus, tone: 'idle', word: 'none' },
  mixed: { icon: TriangleAlert, tone: 'warn', word: 'mixed' },
  'by pod': { icon: Layers, tone: 'ok', word: 'by pod' },
  asWanted: { icon: CircleCheck, tone: 'ok', word: 'As wanted' },
  differs: { icon: CircleX, tone: 'bad', word: 'Not as wanted' },
  optedOut: { icon: Minus, tone: 'idle', word: 'Opted out' },
  empty: { icon: Minus, tone: 'idle', word: 'No pods' },
  sidecar: { icon: SquareStack, tone: 'ok', word: 'sidecar' },
  L4: { icon: Layers2, tone: 'ok', word: 'L4' },
  'L4+L7': { icon: Layers, tone: 'ok', word: 'L4+L7' },
};

const fallback: Look = { icon: CircleAlert, tone: 'idle' };

const inks: Record<Tone, string> = {
  ok: 'text-ok',
  busy: 'text-busy',
  warn: 'text-warn',
  bad: 'text-bad',
  idle: 'text-idle',
};
const softs: Record<Tone, string> = {
  ok: 'bg-ok-soft text-ok',
  busy: 'bg-busy-soft text-busy',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  idle: 'bg-idle-soft text-idle',
};

export const statusWord = (status: string): string => looks[status]?.word ?? status;

export function StatusIcon({ status, size = 14 }: { status: string; size?: number }) {
  const look = looks[status] ?? fallback;
  const Icon = look.icon;
  return (
    <Icon
      size={size}
      aria-hidden="true"
      className={cn('shrink-0', inks[look.tone], look.spin && 'animate-spin-slow')}
    />
  );
}

/** A status: icon, word and colour. `quiet` leaves the coloured ground away, for tables. */
export function Status({ status, quiet = false }: { status: string; quiet?: boolean }) {
  const look = looks[status] ?? fallback;
  return (
    <span
      data-status={status}
      className={cn(
        'inline-flex items-center gap-1.5 align-top whitespace-nowrap',
        quiet ? 'text-sm text-ink' : 'h-6 rounded-md px-2 text-xs font-medium',
        !quiet && softs[look.tone],
      )}
    >
      <StatusIcon status={status} size={quiet ? 14 : 13} />
      {statusWord(status)}
    </span>
  );
}

/** A small neutral word, for kinds, channels and versions. */
export function Tag({ children, mono }: { children: React.ReactNode; mono?: boolean }) {
  return (
    <span
      className={cn(
        'inline-flex h-5 items-center rounded bg-idle-soft px-1.5 text-xs whitespace-nowrap text-ink-2',
        mono && 'font-mono',
      )}
    >
      {children}
    </span>
  );
}
