import { sentence } from '@/lib/format.ts';
import type { Outputs } from '@/lib/session.tsx';
import { StatusIcon } from '@/ui/status.tsx';

type Preview = Outputs['waypoint']['preview'];

/** Why the server would refuse, and what to do; undefined when it would not. */
export const refusalText = ({ allowed, refusals }: Pick<Preview, 'allowed' | 'refusals'>) =>
  allowed
    ? undefined
    : refusals.map(({ message, fix }) => `${sentence(message)} ${sentence(fix)}`).join(' ');

/** What an act would do, computed now: what stands in its way, what follows, in which order. */
export function PreviewOf({
  preview,
}: {
  preview: Pick<Preview, 'refusals' | 'consequences'> & { steps?: string[] };
}) {
  const { refusals, consequences, steps = [] } = preview;
  return (
    <section aria-label="Preview" className="flex flex-col gap-3">
      {refusals.length > 0 ? (
        <div>
          <h3 className="mb-1 font-medium">What stands in its way</h3>
          <ul className="flex flex-col gap-2">
            {refusals.map(({ message, fix }) => (
              <li key={message} className="flex items-start gap-2 text-sm">
                <span className="mt-0.5">
                  <StatusIcon status="error" />
                </span>
                <span className="min-w-0 break-words">
                  {sentence(message)}{' '}
                  {fix ? <span className="text-ink-2">{sentence(fix)}</span> : null}
                </span>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {consequences.length > 0 ? (
        <div>
          <h3 className="mb-1 font-medium">What it would do</h3>
          <ul className="list-disc space-y-1 pl-5 text-sm text-ink-2">
            {consequences.map((line) => (
              <li key={line} className="break-words">
                {line}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {steps.length > 0 ? (
        <div>
          <h3 className="mb-1 font-medium">In this order</h3>
          <ol className="list-decimal space-y-1 pl-5 text-sm text-ink-2">
            {steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </div>
      ) : null}
    </section>
  );
}
