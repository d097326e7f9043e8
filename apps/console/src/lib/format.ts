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
