'use client';

import { useMemo, useState } from 'react';
import { StatusIcon } from '@/ui/status.tsx';
import { YamlEditor } from '@/ui/yaml.tsx';
import { count, sentence } from '@/lib/format.ts';
import { markersOf, markersOfFindings } from './diagnostics.ts';
import { EditorFindings, FixDialog, type TextFinding } from './editor-findings.tsx';
import type { useDryRun } from './use-dry-run.ts';

interface Props {
  text: string;
  onChange: (text: string) => void;
  dryRun: ReturnType<typeof useDryRun>;
  readOnly?: boolean;
  label: string;
  onSave: () => void;
  /** Line to begin at, from 1. */
  line?: number | null;
}

/** YAML with the server's own messages as markers, and what storing it would do under it. */
export function PolicyEditor(props: Props) {
  const { text, onChange, dryRun, readOnly = false, label, onSave, line = null } = props;
  const [place, setPlace] = useState(line === null ? null : { line });
  const { checked, error, result, busy } = dryRun;
  const [fixing, setFixing] = useState<TextFinding | null>(null);
  const findings = result?.findings;
  const markers = useMemo(
    () => [
      ...markersOf(checked, error),
      ...(error ? [] : markersOfFindings(checked, findings ?? [], setFixing)),
    ],
    [checked, error, findings],
  );
  const lineOf = (offset: number) => checked.slice(0, offset).split('\n').length;
  return (
    <div className="card flex min-h-[480px] flex-col overflow-hidden focus-within:border-control lg:h-[calc(100dvh-300px)]">
      <div className="min-h-0 grow overflow-hidden">
        <YamlEditor
          value={text}
          onChange={onChange}
          markers={markers}
          readOnly={readOnly}
          label={label}
          onSave={onSave}
          place={place}
        />
      </div>
      <div
        role="status"
        aria-live="polite"
        className="max-h-44 shrink-0 overflow-auto lg:max-h-56 border-t border-line px-3 py-2"
      >
        {readOnly ? (
          <span className="text-ink-3">Read only.</span>
        ) : !text.trim() ? (
          <span className="text-ink-3">
            One or more YAML documents of Istio or the Gateway API, parted by “---”.
          </span>
        ) : busy && !error ? (
          <span className="text-ink-3">Checking…</span>
        ) : error ? (
          <ul className="flex flex-col gap-1">
            {markers.map((marker, i) => (
              <li key={`${marker.message}${i}`} className="flex items-start gap-2 text-bad">
                <span className="pt-0.5">
                  <StatusIcon status="error" />
                </span>
                <span className="min-w-0 break-words">
                  {error.details?.length && !/^line \d/i.test(marker.message)
                    ? `Line ${lineOf(marker.from)}: `
                    : ''}
                  {sentence(marker.message)}
                </span>
              </li>
            ))}
          </ul>
        ) : result ? (
          <ul className="flex flex-col gap-1">
            {result.items.map(({ change, policy }) => (
              <li
                key={`${policy.kind}${policy.namespace}${policy.name}`}
                className="flex items-start gap-2"
              >
                <span className="pt-0.5">
                  <StatusIcon status="ok" />
                </span>
                <span className="min-w-0 break-words">
                  {policy.kind} {policy.namespace}/{policy.name}{' '}
                  <span className="text-ink-3">
                    {
                      {
                        created: 'would be created',
                        updated: 'would be replaced',
                        unchanged: 'is stored like this already',
                      }[change]
                    }
                  </span>
                </span>
              </li>
            ))}
            <EditorFindings
              findings={result.findings}
              onFix={setFixing}
              onLine={(each) => setPlace({ line: each })}
            />
            {result.items.length > 1 ? (
              <li className="text-ink-3">
                {count(result.items.length, 'object')}; all are stored, or none.
              </li>
            ) : null}
          </ul>
        ) : (
          <span className="text-ink-3">As stored. Ctrl-S stores what you change.</span>
        )}
      </div>
      {fixing && text === checked ? (
        <FixDialog
          finding={fixing}
          text={checked}
          onClose={() => setFixing(null)}
          onApply={onChange}
        />
      ) : null}
    </div>
  );
}
