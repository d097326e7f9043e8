import type { Issue } from '../issue.ts';
import { validate } from '../validate.ts';
import { askIstioctl } from './istioctl.ts';
import { isKnown } from './known.ts';

export type Disagreement = {
  kind: string;
  difference: 'we accept' | 'we refuse' | 'we do not warn' | 'we warn';
  document: object;
  ours: string[];
  theirs: string;
};

const own = (issues: Issue[]): string[] =>
  issues.filter(({ layer }) => layer === 'istio').map(({ path, message }) => `${path}: ${message}`);

export type Tally = { documents: number; refused: number; warned: number };

/** Where Istio's part of `validate` and real istioctl differ, on refusal or on whether there are warnings. */
export function compare(
  istioctl: string,
  documents: object[],
  tallies = new Map<string, Tally>(),
): Disagreement[] {
  const answers = askIstioctl(istioctl, documents);
  for (const [index, document] of documents.entries()) {
    const { kind } = document as { kind: string };
    const tally = tallies.get(kind) ?? { documents: 0, refused: 0, warned: 0 };
    tally.documents += 1;
    if (answers[index]?.refused) tally.refused += 1;
    if (answers[index]?.warned) tally.warned += 1;
    tallies.set(kind, tally);
  }
  return documents.flatMap((document, index) => {
    const answer = answers[index];
    const { errors, warnings } = validate(document);
    const [refusals, warned] = [own(errors), own(warnings)];
    const difference =
      refusals.length > 0 !== answer?.refused
        ? answer?.refused
          ? 'we accept'
          : 'we refuse'
        : refusals.length === 0 && warned.length > 0 !== answer.warned
          ? answer.warned
            ? 'we do not warn'
            : 'we warn'
          : undefined;
    if (!difference || !answer || isKnown(difference, refusals)) return [];
    const { kind } = document as { kind: string };
    return [{ kind, difference, document, ours: [...refusals, ...warned], theirs: answer.text }];
  });
}
