'use client';

import { Wrench } from 'lucide-react';
import Link from 'next/link';
import { inline } from '@/features/findings/markdown.tsx';
import { paths } from '@/lib/paths.ts';
import { sentence } from '@/lib/format.ts';
import type { Outputs } from '@/lib/session.tsx';
import { Button } from '@/ui/button.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { StatusIcon } from '@/ui/status.tsx';
import { YamlDiff } from '@/ui/yaml.tsx';

export type TextFinding = Outputs['policy']['apply']['findings'][number];

/** What the diagnosis says of a text, under the editor. */
export function EditorFindings(props: {
  findings: TextFinding[];
  onFix: (finding: TextFinding) => void;
  onLine: (line: number) => void;
}) {
  return (
    <>
      {props.findings.map((finding) => (
        <li
          key={`${finding.code}${finding.resource}${finding.path}${finding.message}`}
          className="flex items-start gap-2"
        >
          <span className="pt-0.5">
            <StatusIcon status={finding.denied ? 'error' : finding.severity} />
          </span>
          <span className="min-w-0 grow break-words">
            {finding.line ? (
              <>
                <button
                  type="button"
                  className="tnum underline decoration-line-strong underline-offset-2 hover:decoration-current"
                  onClick={() => props.onLine(finding.line!)}
                >
                  Line {finding.line}
                </button>
                {': '}
              </>
            ) : null}
            {sentence(finding.message)}{' '}
            <span className="text-ink-3">
              {finding.denied ? 'The mesh denies it. ' : ''}
              {finding.introduced ? '' : 'It is there already. '}
              <Link href={paths.rule(finding.code)} className="underline">
                {finding.code}
              </Link>
            </span>
            <span className="block text-sm text-ink-3 max-sm:hidden">
              {inline(`${sentence(finding.consequence)} ${sentence(finding.advice)}`)}
            </span>
          </span>
          {finding.fixed ? (
            <Button
              size="sm"
              icon={<Wrench size={12} aria-hidden="true" />}
              aria-label={`Fix: ${finding.fix?.title ?? finding.code}`}
              onClick={() => props.onFix(finding)}
            >
              Fix
            </Button>
          ) : null}
        </li>
      ))}
    </>
  );
}

/** What a fix changes, before it is done to the text. */
export function FixDialog(props: {
  finding: TextFinding;
  text: string;
  onClose: () => void;
  onApply: (text: string) => void;
}) {
  const { finding, text, onClose, onApply } = props;
  const { fixed } = finding;
  if (fixed === null) return null;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      width="xl"
      title={finding.fix?.title ?? `Fix ${finding.code}`}
      description={sentence(finding.message)}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            onClick={() => {
              onApply(fixed);
              onClose();
            }}
          >
            Change the text
          </Button>
        </>
      }
    >
      <div className="overflow-hidden rounded-lg border border-line">
        <YamlDiff before={text} after={fixed} label="What the fix changes" />
      </div>
    </Dialog>
  );
}
