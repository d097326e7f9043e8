import { subjectOf } from './engine/found.ts';
import type { Finding } from './finding.ts';
import type { Labels } from './kubernetes.ts';

/** Hides findings; empty parts match everything. */
export type Suppression = {
  /** A code, or `*`. */
  code: string;
  /** `Kind namespace/name`, with `*` for any run of characters. */
  resource?: string;
  reason?: string;
  /** Milliseconds since 1970; from then on it hides nothing. */
  expiresAt?: number;
};

export type Suppressed = { finding: Finding; reason: string };

/** istioctl's own annotation: codes separated by commas, or `*`. */
export const istioSuppressAnnotation = 'galley.istio.io/analyze-suppress';

/** `CODE[ until 2027-01-31][: reason]`, several separated by `;`. */
export const suppressAnnotation = 'ambit.dev/suppress';

const entryText =
  /^\s*(?<code>\*|[A-Za-z]{3}\d{4})(?:\s+until\s+(?<until>[\w:.+-]+))?\s*(?::\s*(?<reason>.*))?$/s;

/** The suppressions that an object's annotations ask for, on itself. Entries that cannot be read hide nothing. */
export function suppressionsOf(annotations: Labels): Suppression[] {
  const found: Suppression[] = [];
  for (const code of (annotations[istioSuppressAnnotation] ?? '').split(',')) {
    if (code !== '') found.push({ code, reason: `annotation ${istioSuppressAnnotation}` });
  }
  for (const entry of (annotations[suppressAnnotation] ?? '').split(';')) {
    const groups = entryText.exec(entry)?.groups;
    if (!groups?.['code']) continue;
    const until = groups['until'] === undefined ? undefined : Date.parse(groups['until']);
    if (until !== undefined && Number.isNaN(until)) continue;
    found.push({
      code: groups['code'].toUpperCase(),
      reason: groups['reason']?.trim() || `annotation ${suppressAnnotation}`,
      ...(until === undefined ? {} : { expiresAt: until }),
    });
  }
  return found;
}

/** Whether the text fits a pattern in which `*` stands for any run of characters. */
export function matchesGlob(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === text;
  const [first = ''] = parts;
  const last = parts.at(-1) ?? '';
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  if (text.length < first.length + last.length) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

function hides(suppression: Suppression, finding: Finding, now: number): boolean {
  const { code, resource, expiresAt } = suppression;
  if (code !== '*' && code !== finding.code) return false;
  if (expiresAt !== undefined && expiresAt <= now) return false;
  return resource === undefined || matchesGlob(resource, finding.resource);
}

/**
 * Parts findings into those that stand and those that are hidden, with the reason: by the annotations of their
 * resource (of findings that this process made) or by one of the suppressions.
 */
export function suppress(
  findings: readonly Finding[],
  suppressions: readonly Suppression[],
  now: number,
): { findings: Finding[]; suppressed: Suppressed[] } {
  const standing: Finding[] = [];
  const suppressed: Suppressed[] = [];
  for (const finding of findings) {
    const own = suppressionsOf(subjectOf(finding)?.annotations ?? {});
    const by = [...own, ...suppressions].find((entry) => hides(entry, finding, now));
    if (by) suppressed.push({ finding, reason: by.reason ?? 'suppressed' });
    else standing.push(finding);
  }
  return { findings: standing, suppressed };
}
