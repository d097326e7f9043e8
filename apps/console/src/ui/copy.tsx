'use client';

import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { cn } from '@/lib/cn.ts';
import { Button, IconButton } from './button.tsx';

async function write(text: string): Promise<void> {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  (document.activeElement?.parentElement ?? document.body).append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
  return undefined;
}

/** Copies text; `done` is true for two seconds afterwards. */
export function useCopy(): { done: boolean; copy: (text: string) => void } {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), 2000);
    return () => clearTimeout(timer);
  }, [done]);
  return { done, copy: (text) => void write(text).then(() => setDone(true)) };
}

export function CopyButton(props: { text: string; label?: string; iconOnly?: boolean }) {
  const { text, label = 'Copy', iconOnly } = props;
  const { done, copy } = useCopy();
  const Icon = done ? Check : Copy;
  if (iconOnly)
    return (
      <IconButton label={done ? 'Copied' : label} size="sm" onClick={() => copy(text)}>
        <Icon size={13} aria-hidden="true" />
      </IconButton>
    );
  return (
    <Button size="sm" icon={<Icon size={13} aria-hidden="true" />} onClick={() => copy(text)}>
      <span aria-live="polite">{done ? 'Copied' : label}</span>
    </Button>
  );
}

interface CodeProps {
  code: string;
  /** What the code is, for those who cannot see where it stands. */
  label: string;
  wrap?: boolean;
  className?: string;
}

/** A command or document to copy. */
export function Code({ code, label, wrap = true, className }: CodeProps) {
  return (
    <div className={cn('group relative rounded-lg border border-line bg-sunken', className)}>
      <pre
        tabIndex={0}
        aria-label={label}
        className={cn(
          'max-h-[60vh] overflow-auto p-3 pr-12 font-mono text-xs leading-5',
          wrap ? '[overflow-wrap:anywhere] whitespace-pre-wrap' : 'whitespace-pre',
        )}
      >
        {code}
      </pre>
      <div className="absolute top-2 right-2 rounded-md bg-sunken">
        <CopyButton text={code} label={`Copy ${label}`} iconOnly />
      </div>
    </div>
  );
}
