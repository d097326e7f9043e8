'use client';

import { LoaderCircle } from 'lucide-react';
import Link from 'next/link';
import {
  type ComponentProps,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useId,
  useState,
} from 'react';
import { cn } from '@/lib/cn.ts';
import { Tooltip } from './tooltip.tsx';

type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger';
type Size = 'sm' | 'md';

const variants: Record<ButtonVariant, string> = {
  primary: 'bg-accent text-accent-ink hover:bg-accent-hover border-transparent',
  secondary: 'bg-surface text-ink border-line-strong hover:bg-hover',
  ghost: 'bg-transparent text-ink-2 border-transparent hover:bg-hover hover:text-ink',
  danger: 'bg-surface text-bad border-line-strong hover:bg-bad-soft hover:border-bad',
};

const sizes: Record<Size, string> = {
  sm: 'h-7 px-2 text-xs gap-1.5',
  md: 'h-8 px-3 text-sm gap-2',
};

const off = 'aria-disabled:opacity-55 aria-disabled:pointer-events-auto';

function buttonClass(variant: ButtonVariant = 'secondary', size: Size = 'md'): string {
  return cn(
    'inline-flex shrink-0 items-center justify-center rounded-md border font-medium whitespace-nowrap transition-colors',
    variants[variant],
    sizes[size],
  );
}

interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  variant?: ButtonVariant;
  size?: Size;
  icon?: ReactNode;
  busy?: boolean;
  /** Why it cannot be pressed now. The button stays reachable and says so. */
  disabledReason?: string | undefined;
}

export function Button({
  variant = 'secondary',
  size = 'md',
  icon,
  busy = false,
  disabledReason,
  children,
  className,
  onClick,
  type = 'button',
  ...rest
}: ButtonProps) {
  const reasonId = useId();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open) return undefined;
    const timer = setTimeout(() => setOpen(false), 6000);
    return () => clearTimeout(timer);
  }, [open]);

  const stopped = Boolean(disabledReason) || busy;
  const press = (event: MouseEvent<HTMLButtonElement>) => {
    if (!stopped) return onClick?.(event);
    event.preventDefault();
    if (disabledReason) setOpen(true);
    return undefined;
  };
  const button = (
    <button
      {...rest}
      type={type}
      onClick={press}
      aria-disabled={stopped || undefined}
      aria-busy={busy || undefined}
      aria-describedby={disabledReason ? reasonId : rest['aria-describedby']}
      className={cn(buttonClass(variant, size), off, className)}
    >
      {busy ? <LoaderCircle size={14} className="animate-spin" aria-hidden="true" /> : icon}
      {children}
    </button>
  );
  if (!disabledReason) return button;
  return (
    <>
      <Tooltip content={disabledReason} open={open} onOpenChange={setOpen}>
        {button}
      </Tooltip>
      <span id={reasonId} className="sr-only">
        {disabledReason}
      </span>
    </>
  );
}

interface ButtonLinkProps {
  href: string;
  variant?: ButtonVariant;
  size?: Size;
  icon?: ReactNode;
  children: ReactNode;
  disabledReason?: string | undefined;
  className?: string;
}

export function ButtonLink(props: ButtonLinkProps) {
  const { href, variant = 'secondary', size = 'md', icon, children, disabledReason } = props;
  if (disabledReason)
    return (
      <Button variant={variant} size={size} icon={icon} disabledReason={disabledReason}>
        {children}
      </Button>
    );
  return (
    <Link href={href} className={cn(buttonClass(variant, size), props.className)}>
      {icon}
      {children}
    </Link>
  );
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  label: string;
  size?: Size;
}

export function IconButton({ label, size = 'md', className, children, ...rest }: IconButtonProps) {
  return (
    <Tooltip content={label}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={cn(
          'inline-flex shrink-0 items-center justify-center rounded-md text-ink-2 transition-colors hover:bg-hover hover:text-ink',
          size === 'sm' ? 'size-6' : 'size-8',
          className,
        )}
      >
        {children}
      </button>
    </Tooltip>
  );
}
