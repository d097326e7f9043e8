'use client';

import { alertSignals, type SignalCondition } from '@ambit/contracts/alerts';
import { Field, Input, Select } from '@/ui/field.tsx';

const words: Record<SignalCondition['signal'], string> = {
  errorShare: 'share of failed requests, in percent',
  p95Ms: '95th percentile of latency, in ms',
  rate: 'requests each second',
  rateDrop: 'drop of the rate against the last hour, in percent',
  mutualTlsShare: 'share of mutual TLS, in percent',
  overloadShare: 'share that was turned away, in percent',
};
/** Shares are written in percent. */
const scaleOf = (signal: SignalCondition['signal']): number =>
  signal === 'p95Ms' || signal === 'rate' ? 1 : 100;

export const signalText = ({ of, signal, op, threshold }: SignalCondition): string =>
  `${of}s with ${words[signal].replace(/, in .*/, '')} ${op} ${Number((threshold * scaleOf(signal)).toPrecision(6))}${scaleOf(signal) === 100 ? ' %' : signal === 'p95Ms' ? ' ms' : '/s'}`;

interface Props {
  value: SignalCondition;
  onChange: (value: SignalCondition) => void;
  error?: string | undefined;
}

/** What a rule on signals looks at, and from where on it is wrong. */
export function SignalFields({ value, onChange, error }: Props) {
  const scale = scaleOf(value.signal);
  const set = (change: Partial<SignalCondition>) => onChange({ ...value, ...change });
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label="Of each">
        <Select
          value={value.of}
          onChange={(event) => set({ of: event.target.value as SignalCondition['of'] })}
        >
          <option>service</option>
          <option>workload</option>
          <option>namespace</option>
        </Select>
      </Field>
      <Field label="Signal">
        <Select
          value={value.signal}
          onChange={(event) => {
            const signal = event.target.value as SignalCondition['signal'];
            const shown = value.threshold * scale;
            set({ signal, threshold: shown / scaleOf(signal) });
          }}
        >
          {alertSignals.map((each) => (
            <option key={each} value={each}>
              {words[each]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Wrong when">
        <Select
          value={value.op}
          onChange={(event) => set({ op: event.target.value as SignalCondition['op'] })}
        >
          <option value="above">above</option>
          <option value="below">below</option>
        </Select>
      </Field>
      <Field label="Threshold" help={words[value.signal]} error={error}>
        <Input
          type="number"
          step="any"
          min={0}
          value={Number((value.threshold * scale).toPrecision(6))}
          onChange={(event) => set({ threshold: Number(event.target.value) / scale })}
        />
      </Field>
      <Field
        label="With at least, each second"
        standard="0"
        help="Fewer requests say nothing of shares and times"
      >
        <Input
          type="number"
          step="any"
          min={0}
          value={value.minRate}
          onChange={(event) => set({ minRate: Number(event.target.value) })}
        />
      </Field>
      <Field label="Severity">
        <Select
          value={value.severity}
          onChange={(event) => set({ severity: event.target.value as SignalCondition['severity'] })}
        >
          <option>error</option>
          <option>warning</option>
          <option>info</option>
        </Select>
      </Field>
    </div>
  );
}
