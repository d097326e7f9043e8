import type { ReactNode } from 'react';

/** Code spans and links of one line. */
export function inline(text: string): ReactNode[] {
  return text.split(/(`[^`]+`|\[[^\]]+\]\(https:\/\/[^)\s]+\))/).map((part, i) => {
    if (part.startsWith('`')) {
      return (
        <code key={i} className="rounded bg-sunken px-1 font-mono text-[0.92em]">
          {part.slice(1, -1)}
        </code>
      );
    }
    const [, words, href] = /^\[([^\]]+)\]\((https:\/\/[^)\s]+)\)$/.exec(part) ?? [];
    if (!href) return part;
    return (
      <a key={i} href={href} rel="noreferrer" className="underline">
        {words}
      </a>
    );
  });
}

/** The little Markdown that rules are written in: paragraphs, lists, fenced code, code spans, links. */
export function Markdown({ text }: { text: string }) {
  const blocks = text.split(/\n\s*\n|(?=^```)|(?<=^```\n)(?=\n)/m).filter((each) => each.trim());
  return (
    <div className="flex max-w-3xl flex-col gap-2">
      {blocks.map((block, i) => {
        const code = /^```\w*\n([\s\S]*?)\n?```/.exec(block.trim());
        if (code) {
          return (
            <pre key={i} className="overflow-x-auto rounded-lg bg-sunken p-3 font-mono text-xs">
              {code[1]}
            </pre>
          );
        }
        const lines = block.trim().split('\n');
        if (lines.every((line) => /^\s*[-*] /.test(line))) {
          return (
            <ul key={i} className="list-disc pl-5">
              {lines.map((line) => (
                <li key={line}>{inline(line.replace(/^\s*[-*] /, ''))}</li>
              ))}
            </ul>
          );
        }
        return <p key={i}>{inline(lines.join(' '))}</p>;
      })}
    </div>
  );
}
