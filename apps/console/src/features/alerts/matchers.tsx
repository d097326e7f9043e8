'use client';

import type { Matcher } from '@ambit/contracts/alerts';
import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '@/ui/button.tsx';
import { Input, Select } from '@/ui/field.tsx';
import { FieldError } from '@/ui/field.tsx';

const matcherText = ({ label, op, value }: Matcher): string => `${label} ${op} ${value || '""'}`;

/** Matchers in one line. */
export const matchersText = (matchers: readonly Matcher[]): string =>
  matchers.length === 0 ? 'everything' : matchers.map(matcherText).join(', ');

const labels = ['severity', 'code', 'mesh', 'namespace', 'kind', 'name', 'cluster', 'alertname'];
const ops: [Matcher['op'], string][] = [
  ['=', 'is'],
  ['!=', 'is not'],
  ['~', 'is like'],
  ['!~', 'is not like'],
];

interface Props {
  legend: string;
  help: string;
  value: Matcher[];
  onChange: (value: Matcher[]) => void;
  error?: string | undefined;
}

/** Conditions on labels, all of which must hold. */
export function Matchers({ legend, help, value, onChange, error }: Props) {
  const set = (index: number, change: Partial<Matcher>) =>
    onChange(value.map((each, i) => (i === index ? { ...each, ...change } : each)));
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-sm font-medium">{legend}</legend>
      <div className="flex flex-col gap-2">
        {value.map((matcher, i) => (
          <div
            key={i}
            className="grid grid-cols-[minmax(0,1fr)_8rem_auto] items-center gap-2 sm:flex"
          >
            <Select
              aria-label={`Label ${i + 1}`}
              value={matcher.label}
              onChange={(event) => set(i, { label: event.target.value })}
            >
              {[...new Set([...labels, matcher.label])].map((each) => (
                <option key={each}>{each}</option>
              ))}
            </Select>
            <Select
              aria-label={`Comparison ${i + 1}`}
              value={matcher.op}
              onChange={(event) => set(i, { op: event.target.value as Matcher['op'] })}
              className="max-w-32 shrink-0"
            >
              {ops.map(([op, word]) => (
                <option key={op} value={op}>
                  {word}
                </option>
              ))}
            </Select>
            <Input
              aria-label={`Value ${i + 1}`}
              value={matcher.value}
              onChange={(event) => set(i, { value: event.target.value })}
              className="max-sm:order-last max-sm:col-span-3"
            />
            <IconButton
              label={`Remove condition ${i + 1}`}
              onClick={() => onChange(value.filter((_, other) => other !== i))}
            >
              <X size={14} aria-hidden="true" />
            </IconButton>
          </div>
        ))}
        <div>
          <Button
            size="sm"
            icon={<Plus size={13} aria-hidden="true" />}
            onClick={() => onChange([...value, { label: 'severity', op: '=', value: 'error' }])}
          >
            Add condition
          </Button>
        </div>
      </div>
      {error ? <FieldError>{error}</FieldError> : null}
      <p className="mt-1 text-xs text-ink-3">{help}</p>
    </fieldset>
  );
}
