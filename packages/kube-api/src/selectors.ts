import { badRequest } from './status.ts';
import type { JsonValue } from './types.ts';

export type Labels = { [key: string]: string };

interface Requirement {
  key: string;
  operator: '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<';
  values: string[];
}

/** A parsed label selector; undefined selects everything. */
export type LabelSelector = (labels: Labels) => boolean;

const labelKey =
  /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

export const isLabelKey = (key: string): boolean => labelKey.test(key);
export const isLabelValue = (value: string): boolean => labelValue.test(value);

const unable = (selector: string, why: string) =>
  badRequest(
    `unable to parse requirement: ${why} in selector ${JSON.stringify(selector.slice(0, 200))}`,
  );

/** Parses `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`. @throws ApiError 400 */
export function parseLabelSelector(selector: string): LabelSelector | undefined {
  const requirements = splitTop(selector).map((part) => parseRequirement(part, selector));
  if (requirements.length === 0) return undefined;
  return (labels) => requirements.every((requirement) => matches(requirement, labels));
}

/** Splits at commas outside parentheses. */
function splitTop(selector: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i <= selector.length; i++) {
    const char = selector[i];
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if ((char === ',' && depth === 0) || char === undefined) {
      const part = selector.slice(from, i).trim();
      if (part !== '' || selector.trim() !== '') parts.push(part);
      from = i + 1;
    }
  }
  if (depth !== 0) throw unable(selector, 'unbalanced parentheses');
  return parts;
}

function parseRequirement(part: string, selector: string): Requirement {
  const requirement = read(part);
  if (requirement === undefined) throw unable(selector, `found ${JSON.stringify(part)}`);
  if (!isLabelKey(requirement.key))
    throw unable(selector, `invalid label key ${JSON.stringify(requirement.key)}`);
  const bad = requirement.values.find((value) => !isLabelValue(value));
  if (bad !== undefined) throw unable(selector, `invalid label value ${JSON.stringify(bad)}`);
  return requirement;
}

function read(part: string): Requirement | undefined {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(part);
  if (set !== null) {
    const values = set[3]!.split(',').map((value) => value.trim());
    return { key: set[1]!, operator: set[2] as 'in' | 'notin', values };
  }
  const negated = /^!\s*(\S+)$/.exec(part);
  if (negated !== null) return { key: negated[1]!, operator: '!', values: [] };
  const compared = /^([^\s=!<>]+)\s*(==|=|!=|>|<)\s*([^\s=!<>]*)$/.exec(part);
  if (compared !== null) {
    const operator = compared[2] === '==' ? '=' : (compared[2] as Requirement['operator']);
    if ((operator === '>' || operator === '<') && !/^-?\d+$/.test(compared[3]!)) return undefined;
    return { key: compared[1]!, operator, values: [compared[3]!] };
  }
  return /^[^\s=!<>()]+$/.test(part) ? { key: part, operator: 'exists', values: [] } : undefined;
}

function matches({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '>':
      return value !== undefined && /^-?\d+$/.test(value) && BigInt(value) > BigInt(values[0]!);
    case '<':
      return value !== undefined && /^-?\d+$/.test(value) && BigInt(value) < BigInt(values[0]!);
  }
}

export interface FieldRequirement {
  field: string;
  equals: boolean;
  value: string;
}

/** Parses `metadata.name=x,status.phase!=y`; backslash escapes `,`, `=` and itself. */
export function parseFieldSelector(selector: string): FieldRequirement[] {
  const requirements: FieldRequirement[] = [];
  for (const part of selector.split(/(?<!\\),/)) {
    if (part.trim() === '') continue;
    const match = /^((?:\\.|[^=!\\])+?)(==|!=|=)(.*)$/s.exec(part);
    if (match === null) {
      throw badRequest(
        `invalid selector: ${JSON.stringify(selector.slice(0, 200))}; can't understand ${JSON.stringify(part)}`,
      );
    }
    requirements.push({
      field: match[1]!.trim(),
      equals: match[2] !== '!=',
      value: match[3]!.replaceAll(/\\([\\,=])/g, '$1'),
    });
  }
  return requirements;
}

/** Field values compare as text; an absent field is the empty text. */
export const fieldText = (value: JsonValue | undefined): string =>
  value === undefined || value === null || typeof value === 'object' ? '' : String(value);
