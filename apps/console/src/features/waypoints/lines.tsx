import Link from 'next/link';
import type { ReactNode } from 'react';
import { Section } from '@/ui/page.tsx';

interface Line {
  key: string;
  href: string;
  text: string;
  end?: ReactNode;
}

/** A short list of links under a title. */
export function Lines({ title, none, lines }: { title: string; none: string; lines: Line[] }) {
  return (
    <Section title={title} bare>
      {lines.length === 0 ? (
        <p className="card px-4 py-3 text-sm text-ink-3">{none}</p>
      ) : (
        <ul aria-label={title} className="card divide-y divide-line">
          {lines.map(({ key, href, text, end }) => (
            <li key={key} className="flex items-start justify-between gap-4 px-4 py-2 text-sm">
              <Link href={href} className="min-w-0 break-words hover:underline">
                {text}
              </Link>
              <span className="shrink-0">{end}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
