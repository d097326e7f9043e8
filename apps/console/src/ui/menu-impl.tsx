'use client';

import { Menu as Base } from '@base-ui/react/menu';
import Link from 'next/link';
import { type ReactNode, Suspense } from 'react';
import { cn } from '@/lib/cn.ts';
import type { MenuProps } from './menu.tsx';

const item =
  'flex w-full cursor-default items-center gap-2 rounded px-2 py-1.5 text-left text-sm text-ink outline-none select-none data-highlighted:bg-hover data-disabled:text-ink-3';

/** The menu itself; opened at once, because it is loaded by the first press of its trigger. */
export function MenuImpl({
  trigger,
  children,
  align = 'end',
  side = 'bottom',
  className,
}: MenuProps) {
  return (
    <Base.Root defaultOpen>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} side={side} sideOffset={6} className="z-50">
          <Base.Popup
            className={cn(
              'min-w-52 max-w-[calc(100vw-24px)] rounded-lg border border-line-strong bg-raised p-1 shadow-pop outline-none',
              className,
            )}
          >
            <Suspense>{children}</Suspense>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

interface MenuItemProps {
  onSelect?: () => void;
  href?: string;
  icon?: ReactNode;
  danger?: boolean;
  /** Why it cannot be chosen; shown under the words. */
  disabledReason?: string | undefined;
  children: ReactNode;
}

export function MenuItem({
  onSelect,
  href,
  icon,
  danger,
  disabledReason,
  children,
}: MenuItemProps) {
  const body = (
    <>
      {icon ? <span className="shrink-0 text-ink-3">{icon}</span> : null}
      <span className="min-w-0 grow">
        <span className={cn('block', danger && !disabledReason && 'text-bad')}>{children}</span>
        {disabledReason ? (
          <span className="block max-w-64 text-xs text-ink-3">{disabledReason}</span>
        ) : null}
      </span>
    </>
  );
  if (href && !disabledReason)
    return (
      <Base.LinkItem className={item} render={<Link href={href} />} closeOnClick>
        {body}
      </Base.LinkItem>
    );
  return (
    <Base.Item
      className={item}
      disabled={Boolean(disabledReason)}
      {...(onSelect ? { onClick: onSelect } : {})}
    >
      {body}
    </Base.Item>
  );
}

export function MenuGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Base.Group>
      <Base.GroupLabel className="px-2 pt-1.5 pb-1 text-xs font-medium text-ink-3">
        {label}
      </Base.GroupLabel>
      {children}
    </Base.Group>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: { value: T; label: string; icon?: ReactNode }[];
}

export function MenuChoice<T extends string>({ label, value, onChange, options }: ChoiceProps<T>) {
  return (
    <Base.Group>
      <Base.GroupLabel className="px-2 pt-1.5 pb-1 text-xs font-medium text-ink-3">
        {label}
      </Base.GroupLabel>
      <Base.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
        {options.map((option) => (
          <Base.RadioItem key={option.value} value={option.value} className={item} closeOnClick>
            {option.icon ? <span className="shrink-0 text-ink-3">{option.icon}</span> : null}
            <span className="min-w-0 grow truncate">{option.label}</span>
            <Base.RadioItemIndicator>
              <span aria-hidden="true">✓</span>
            </Base.RadioItemIndicator>
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Base.Group>
  );
}

export function MenuCheck(props: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}) {
  return (
    <Base.CheckboxItem
      checked={props.checked}
      onCheckedChange={props.onChange}
      closeOnClick={false}
      className={item}
    >
      <span className="min-w-0 grow">{props.children}</span>
      <Base.CheckboxItemIndicator>
        <span aria-hidden="true">✓</span>
      </Base.CheckboxItemIndicator>
    </Base.CheckboxItem>
  );
}

export const MenuSeparator = () => <Base.Separator className="my-1 h-px bg-line" />;
