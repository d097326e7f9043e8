const units: [limitS: number, divisorS: number, suffix: string][] = [
  [60, 1, 's'],
  [3600, 60, 'min'],
  [86_400, 3600, 'h'],
  [86_400 * 60, 86_400, 'd'],
  [86_400 * 730, 86_400 * 30, 'mo'],
  [Infinity, 86_400 * 365, 'y'],
];

/**
 * Relative time in short words: "just now", "42 s ago", "in 3 min".
 * @param at ISO time
 * @param nowMs milliseconds since the epoch
 */
export function relativeTime(at: string, nowMs: number): string {
  const deltaS = Math.round((nowMs - Date.parse(at)) / 1000);
  const size = Math.abs(deltaS);
  if (size < 5) return 'just now';
  const [, divisor, suffix] = units.find(([limit]) => size < limit) ?? units[0]!;
  const text = `${Math.floor(size / divisor)} ${suffix}`;
  return deltaS > 0 ? `${text} ago` : `in ${text}`;
}

/** Absolute time for people, in their zone, with seconds: "24 Nov 2026, 10:15:03 UTC". */
export function absoluteTime(at: string, timeZone?: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    ...(timeZone ? { timeZone } : {}),
  }).format(new Date(at));
}

/** Time of day with seconds, for log lines: "10:15:03". */
export function clockTime(at: string | number, timeZone?: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    ...(timeZone ? { timeZone } : {}),
  }).format(new Date(at));
}

/**
 * A length of time: "0.4 s", "12 s", "3 min 05 s", "2 h 10 min".
 * @param ms milliseconds
 */
export function duration(ms: number): string {
  const s = Math.max(0, ms) / 1000;
  if (s < 0.1) return '<0.1 s';
  if (s < 1) return `${s.toFixed(1)} s`;
  if (s < 60) return `${Math.floor(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(Math.floor(s % 60)).padStart(2, '0')} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
}

/**
 * Time left as a clock: "59:07"; "0:00" when it is over.
 * @param ms milliseconds
 */
export function countdown(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
}

/** "1 cluster", "3 clusters", "1,204 policies". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${new Intl.NumberFormat('en').format(n)} ${n === 1 ? one : many}`;
}

/** Words in a row: "a", "a or b", "a, b or c". */
export function listWords(words: readonly string[], last: 'or' | 'and' = 'or'): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

/** A message as a sentence: begun with a capital, ended with a full stop. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (!trimmed) return '';
  const begun = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?:…]$/.test(begun) ? begun : `${begun}.`;
}

/** Key under which an object of Kubernetes is named in kubectl: "virtualservice.networking.istio.io". */
export function kubectlKind(apiVersion: string, kind: string): string {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0]! : '';
  return group ? `${kind.toLowerCase()}.${group}` : kind.toLowerCase();
}

/** "0", "0.04/s", "12/s", "1.2k/s". */
export function rateText(rate: number): string {
  if (rate === 0) return '0/s';
  if (rate < 0.01) return '<0.01/s';
  if (rate < 1) return `${rate.toFixed(2)}/s`;
  if (rate < 10) return `${rate.toFixed(1)}/s`;
  if (rate < 1_000) return `${Math.round(rate)}/s`;
  if (rate < 1_000_000) return `${(rate / 1_000).toFixed(rate < 10_000 ? 1 : 0)}k/s`;
  return `${(rate / 1_000_000).toFixed(1)}M/s`;
}

/** "0.04%", "12%"; "no traffic" when there is no share. */
export function shareText(share: number | null): string {
  if (share === null) return 'no traffic';
  const percent = share * 100;
  if (percent === 0) return '0%';
  if (percent < 0.1) return '<0.1%';
  return `${percent < 10 ? percent.toFixed(1).replace(/\.0$/, '') : Math.round(percent)}%`;
}

/** A share where a tenth of a percent matters: "99.95%", "37.5%"; "–" when there is none. @param digits that count */
export function exactShareText(share: number | null, digits = 3): string {
  if (share === null) return '–';
  return `${Number((share * 100).toPrecision(share > 0.9 && share < 1 ? 5 : digits))}%`;
}

/** "12 ms", "1.4 s"; "not measured" for null. */
export function msText(ms: number | null): string {
  if (ms === null) return 'not measured';
  if (ms < 1) return '<1 ms';
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

/** "512 B/s", "1.2 MB/s". */
export function bytesText(bytes: number): string {
  const steps = ['B/s', 'kB/s', 'MB/s', 'GB/s'];
  let at = 0;
  let value = bytes;
  while (value >= 1_000 && at < steps.length - 1) {
    value /= 1_000;
    at++;
  }
  return `${value >= 10 || at === 0 ? Math.round(value) : value.toFixed(1)} ${steps[at]}`;
}

/** Hours of a month, as cloud prices count them. */
const monthH = 730;

/**
 * What something costs a month: "EUR 14.60/mo"; "no price" for null.
 * @param perHour cost of an hour in the currency
 */
export function costText(perHour: number | null, currency: string | null): string {
  if (perHour === null) return 'no price';
  const amount = perHour * monthH;
  const text = new Intl.NumberFormat('en', {
    minimumFractionDigits: amount < 1_000 ? 2 : 0,
    maximumFractionDigits: amount < 1_000 ? 2 : 0,
  }).format(amount);
  return `${currency ? `${currency} ` : ''}${text}/mo`;
}
