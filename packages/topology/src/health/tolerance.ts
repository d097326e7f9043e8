import { healths, type Health, type Protocol } from '../model.ts';

export type Direction = 'inbound' | 'outbound';

/** How much of some codes a node or edge may have. Shares in percent, 0 to 100; 0 means any at all. */
export interface Tolerance {
  code: RegExp;
  protocol: RegExp;
  direction: RegExp;
  degraded: number;
  failure: number;
}

const any = /.*/;
const whole = (source: string): RegExp => new RegExp(`^(?:${source})$`, 'i');

/** What is tolerated where nothing else is said; Kiali's defaults (kiali.io, "Health configuration"). */
export const defaultTolerances: readonly Tolerance[] = [
  { code: whole('5\\d\\d'), protocol: whole('http'), direction: any, degraded: 0, failure: 10 },
  { code: whole('4\\d\\d'), protocol: whole('http'), direction: any, degraded: 10, failure: 20 },
  {
    code: whole('[1-9]|1[0-6]'),
    protocol: whole('grpc'),
    direction: any,
    degraded: 0,
    failure: 10,
  },
  { code: whole('-'), protocol: whole('http|grpc'), direction: any, degraded: 0, failure: 10 },
];

const longestAnnotation = 1_000;
/** No groups, and few repetitions: nothing here can be slow on a short code. */
const safePattern = /^[\w^$.|[\]\\*+?-]{0,100}$/;

/**
 * Reads Kiali's annotation `health.kiali.io/rate`: `code,degraded,failure,protocol,direction;…`, where X is
 * any digit. @returns the tolerances, before the defaults, and what could not be read
 */
export function readTolerances(annotation: string): {
  tolerances: Tolerance[];
  problems: string[];
} {
  const tolerances: Tolerance[] = [];
  const problems: string[] = [];
  if (annotation.length > longestAnnotation) {
    return {
      tolerances,
      problems: [`health.kiali.io/rate is over ${longestAnnotation} characters`],
    };
  }
  for (const rule of annotation.split(';').filter((text) => text.trim() !== '')) {
    const fields = rule.split(',').map((field) => field.trim());
    const [code = '', degraded = '', failure = '', protocol = '', direction = ''] = fields;
    const shares = [degraded, failure].map(Number);
    const patterns = [code.replace(/X/gi, '\\d'), protocol || '.*', direction || '.*'].map(compile);
    const isWhole = fields.length === 5 && code !== '' && degraded !== '' && failure !== '';
    if (!isWhole || shares.some((n) => !(n >= 0 && n <= 100)) || patterns.includes(null)) {
      problems.push(
        `health.kiali.io/rate: "${rule.trim()}" is not code,degraded,failure,protocol,direction`,
      );
      continue;
    }
    tolerances.push({
      code: patterns[0]!,
      protocol: patterns[1]!,
      direction: patterns[2]!,
      degraded: shares[0]!,
      failure: shares[1]!,
    });
  }
  return { tolerances, problems };
}

const mostRepetitions = 3;

function compile(pattern: string): RegExp | null {
  if (!safePattern.test(pattern)) return null;
  if (pattern.replace(/[^*+]/g, '').length > mostRepetitions) return null;
  try {
    return whole(pattern);
  } catch {
    return null;
  }
}

export const worst = (a: Health, b: Health): Health =>
  healths.indexOf(a) >= healths.indexOf(b) ? a : b;

/** Judges codes by number; what fits which tolerance is looked up once. */
export type Judge = (
  protocol: Protocol,
  direction: Direction,
  codes: readonly number[],
  tolerances: readonly Tolerance[],
) => Health;

/**
 * A judge of traffic. For each tolerance: the share of the codes it is the first to fit, against its two
 * bounds; the worst counts. `none` without traffic.
 * @param codeTexts texts of `code flags` by number, as a registry grows them
 */
export function createJudge(codeTexts: readonly string[]): Judge {
  const fits = new Map<readonly Tolerance[], Map<string, number[]>>();

  const firstFit = (
    tolerances: readonly Tolerance[],
    protocol: Protocol,
    direction: Direction,
  ): number[] => {
    let known = fits.get(tolerances);
    if (known === undefined) fits.set(tolerances, (known = new Map()));
    const key = protocol + direction;
    let list = known.get(key);
    if (list === undefined) known.set(key, (list = []));
    for (let code = list.length; code < codeTexts.length; code++) {
      const text = codeTexts[code]!.split(' ')[0]!;
      list.push(
        tolerances.findIndex(
          (each) =>
            each.protocol.test(protocol) && each.direction.test(direction) && each.code.test(text),
        ),
      );
    }
    return list;
  };

  return (protocol, direction, codes, tolerances) => {
    let total = 0;
    for (let at = 1; at < codes.length; at += 2) total += codes[at]!;
    if (!(total > 0)) return 'none';
    const fit = firstFit(tolerances, protocol, direction);
    let matching: number[] | null = null;
    for (let at = 0; at < codes.length; at += 2) {
      const found = fit[codes[at]!]!;
      if (found < 0 || codes[at + 1] === 0) continue;
      matching ??= tolerances.map(() => 0);
      matching[found]! += codes[at + 1]!;
    }
    let health: Health = 'healthy';
    matching?.forEach((rate, at) => {
      if (rate === 0) return;
      const { degraded, failure } = tolerances[at]!;
      const percent = (rate / total) * 100;
      if (percent >= failure) health = worst(health, 'failure');
      else if (percent >= degraded) health = worst(health, 'degraded');
    });
    return health;
  };
}

/** The health of a workload's pods. */
export function podHealth(given: { desired: number; available: number; unsynced: number }): Health {
  const { desired, available, unsynced } = given;
  if (desired === 0) return 'notReady';
  if (available === 0) return 'failure';
  return available < desired || unsynced > 0 ? 'degraded' : 'healthy';
}
