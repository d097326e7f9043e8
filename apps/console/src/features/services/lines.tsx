import Link from 'next/link';
import type { ReactNode } from 'react';
import { Section } from '@/ui/page.tsx';

export interface Line {
  key: string;
  /** Empty: it has no page. */
  href: string;
  text: string;
  end?: ReactNode;
}

interface Props {
  title: string;
  text?: string | undefined;
  /** What is said when there are no lines. */
  none: string;
  lines: Line[];
  /** Stands below the lines, as what is left out. */
  after?: string | undefined;
  actions?: ReactNode;
}

/** What belongs to something, a line each, with the way to its page. */
export function Lines({ title, text: lead, none, lines, after, actions }: Props) {
  return (
    <Section title={title} text={lead} bare {...(actions ? { actions } : {})}>
      {lines.length === 0 ? (
        <p className="card px-4 py-3 text-sm text-ink-3">{none}</p>
      ) : (
        <ul aria-label={title} className="card divide-y divide-line">
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
          {after ? <li className="px-4 py-2 text-sm text-ink-3">{after}</li> : null}
        </ul>
      )}
    </Section>
  );
}
