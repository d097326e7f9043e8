import { exactShareText } from '../../lib/format.ts';

interface Signals {
  rate: readonly (number | null)[];
  errorShare: readonly (number | null)[];
  p95Ms: readonly (number | null)[];
}

const last = (values: readonly (number | null)[]): number | null =>
  values.slice(-3).findLast((value) => value !== null) ?? null;

/** How something that is asked is, in one sentence, from its newest signals. */
export function sentenceOf(
  inbound: Signals | null,
  sources: readonly { state: string; name: string; problems: readonly string[] }[],
): { status: string; text: string } {
  if (sources.length === 0) {
    return {
      status: 'Unknown',
      text: 'Nobody tells of traffic in this mesh: connect a Prometheus under Integrations, or let the agents scrape the proxies.',
    };
  }
  const away = sources.filter(({ state }) => state === 'failed');
  if (away.length === sources.length) {
    const [first] = away;
    return {
      status: 'Unknown',
      text: `No source answers. ${first?.name}: ${first?.problems[0] ?? 'no answer.'}`,
    };
  }
  const rate = inbound && last(inbound.rate);
  const partly = sources.find(({ state, problems }) => state === 'partial' && problems.length > 0);
  const note =
    (away.length > 0 ? ` ${away.map(({ name }) => name).join(', ')} does not answer.` : '') +
    (partly ? ` ${partly.name} tells in part: ${partly.problems[0]}` : '');
  if (rate === null) {
    return { status: 'Unknown', text: `Nobody told of requests to it lately.${note}` };
  }
  if (rate === 0) return { status: 'Waiting', text: `Nobody asks it now.${note}` };
  const errors = last(inbound!.errorShare) ?? 0;
  const p95 = last(inbound!.p95Ms);
  const speed = p95 === null ? '' : `, 95% within ${Number(p95.toPrecision(3))} ms`;
  const text = `${rateText(rate)}, ${errors === 0 ? 'no errors' : `${exactShareText(errors)} fail`}${speed}.${note}`;
  return { status: errors >= 0.1 ? 'Failed' : errors > 0.001 ? 'Degraded' : 'Ready', text };
}

export const rateText = (rate: number): string => `${Number(rate.toPrecision(3))} requests/s`;
