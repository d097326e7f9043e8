'use client';

import { useQuery } from '@tanstack/react-query';
import { paths } from '@/lib/paths.ts';
import { sentence } from '@/lib/format.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { ButtonLink } from '@/ui/button.tsx';
import { Code } from '@/ui/copy.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Facts, PageHeader, Section } from '@/ui/page.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Markdown } from './markdown.tsx';
import { kindsText } from './kinds.ts';

type Rule = Outputs['rule']['get']['rules'][number];

const aspects = {
  positive: 'Found',
  negative: 'Not found',
  ambient: 'In ambient',
};

/** Why a code is reported: its rules, generated from the rules themselves. */
export function RulePage({ code }: { code: string }) {
  const trpc = useTRPC();
  const query = useQuery({ ...trpc.rule.get.queryOptions({ code }), retry: false });
  if (query.error && !query.data)
    return <ErrorState error={query.error} what="this rule" onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton lines={8} />;
  const { rules } = query.data;
  const link = rules.find((rule) => rule.link.startsWith('https://'))?.link;
  return (
    <>
      <PageHeader
        title={rules.length === 1 ? `${code}: ${rules[0]!.title}` : code}
        badge={<Status status={rules[0]!.severity} />}
        lead={
          rules.length === 1
            ? sentence(rules[0]!.consequence)
            : `${rules.length} rules share this code.`
        }
        actions={
          <>
            <CopyAs verb="rule.get" input={{ code }} />
            {link ? <ButtonLink href={link}>Reference</ButtonLink> : null}
            <ButtonLink href={paths.findings({ code })}>Its findings</ButtonLink>
          </>
        }
      />
      <div className="flex flex-col gap-8">
        {rules.map((rule) => (
          <RuleText key={rule.id} rule={rule} />
        ))}
      </div>
    </>
  );
}

function RuleText({ rule }: { rule: Rule }) {
  return (
    <Section title={rule.title}>
      <div className="flex flex-col gap-4">
        <Markdown text={rule.explanation} />
        <Facts
          items={[
            ['Cause', sentence(rule.cause)],
            ['Consequence', sentence(rule.consequence)],
            ['On', kindsText(rule.kinds)],
            ['Looks at', kindsText(rule.reads) || 'nothing else'],
          ]}
        />
        <div>
          <h3 className="mb-1 font-semibold">How to fix it</h3>
          <Markdown text={rule.howToFix} />
        </div>
        <div className="flex flex-col gap-3">
          <h3 className="font-semibold">Examples</h3>
          {rule.examples.map((example) => (
            <details key={example.title} className="rounded-lg border border-line">
              <summary className="cursor-pointer px-3 py-2">
                <span className="text-ink-3">{aspects[example.aspect]}:</span> {example.title}
              </summary>
              <div className="border-t border-line p-3">
                <Code code={example.yaml.trim()} label="example" />
                <p className="mt-2 text-sm text-ink-2">
                  {example.findings.length === 0
                    ? 'Nothing is found.'
                    : `Found: ${example.findings.map(({ resource, path }) => `${resource}${path ? ` ${path}` : ''}`).join('; ')}`}
                </p>
              </div>
            </details>
          ))}
        </div>
      </div>
    </Section>
  );
}
