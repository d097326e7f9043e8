import Link from 'next/link';
import type { ReactNode } from 'react';
import { Section } from '@/ui/page.tsx';

interface Line {
  key: string;
  /** Empty: it has no page. */
  href: string;
  text: string;
  end?: ReactNode;
}

interface Props {
  title: string;
  /** What is said when there are no lines. */
  none: string;
  lines: Line[];
  actions?: ReactNode;
}

/** What belongs to something, a line each, with the way to its page. */
export function Lines({ title, none, lines, actions }: Props) {
  return (
    <Section title={title} bare {...(actions ? { actions } : {})}>
      {lines.length === 0 ? (
        <p className="card px-4 py-3 text-sm text-ink-3">{none}</p>
      ) : (
        <ul className="card divide-y divide-line">
          {lines.map(({ key, href, text, end }) => (
            <li key={key} className="flex items-start justify-between gap-4 px-4 py-2 text-sm">
              {href ? (
                <Link href={href} className="min-w-0 break-words hover:underline">
                  {text}
                </Link>
              ) : (
                <span className="min-w-0 break-words">{text}</span>
              )}
              {end ? <span className="shrink-0">{end}</span> : null}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
