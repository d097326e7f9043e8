import { labelOf } from './progress.ts';

const isPlain = (value: unknown) => value === null || typeof value !== 'object';

function Value({ value }: { value: unknown }) {
  if (value === null || value === undefined || value === '')
    return <span className="text-ink-3">–</span>;
  if (typeof value === 'boolean') return <>{value ? 'yes' : 'no'}</>;
  if (typeof value === 'number') return <>{new Intl.NumberFormat('en').format(value)}</>;
  if (typeof value === 'string')
    return <span className="break-words whitespace-pre-wrap">{value}</span>;
  if (Array.isArray(value) && value.every(isPlain))
    return value.length ? (
      <ul className="list-disc pl-4">
        {value.map((each) => (
          <li key={String(each)} className="break-words">
            {String(each)}
          </li>
        ))}
      </ul>
    ) : (
      <span className="text-ink-3">none</span>
    );
  if (Array.isArray(value))
    return (
      <div className="flex flex-col gap-2">
        {value.map((each, i) => (
          <Result key={i} value={each as Record<string, unknown>} />
        ))}
      </div>
    );
  return <Result raw value={value as Record<string, unknown>} />;
}

/** A result of any shape: names in words, values and the names inside them as they are. */
export function Result(props: { value: Record<string, unknown>; raw?: boolean }) {
  const { value, raw = false } = props;
  return (
    <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[160px_minmax(0,1fr)]">
      {Object.entries(value).map(([key, each]) => (
        <div key={key} className="contents">
          <dt className="text-ink-3">{raw ? key : labelOf(key)}</dt>
          <dd className="tnum min-w-0 max-sm:mb-1">
            <Value value={each} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
