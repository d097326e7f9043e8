import type { AppRouter } from '@ambit/client/trpc';
import { TRPCClientError, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';

/** A question that was asked before the page's scripts were there. */
export interface Early {
  path: string;
  /** As JSON. */
  input: string;
  /** What it was answered, as in `{result: {data}}`, or that nobody is signed in; null: the usual way has to ask again. */
  answer: Promise<{ data: unknown } | { error: object } | null>;
}

declare global {
  interface Window {
    ambitEarly?: Early[];
  }
}

/** What was asked so long ago is asked again. */
const goodForMs = 20_000;

/** Takes the early answer to a question out of the list, once. */
function takeEarly(
  list: Early[] | undefined,
  path: string,
  input: unknown,
): Early['answer'] | null {
  const at = list?.findIndex((each) => each.path === path && each.input === JSON.stringify(input));
  return at === undefined || at === -1 ? null : list!.splice(at, 1)[0]!.answer;
}

const taken = new Set<string>();
let askAgain: ((verb: string) => void) | null = null;

/**
 * Early answers are from before events are followed: once they are, each verb that was answered so is to be asked again,
 * for what changed in between, and so is one whose early answer is only taken then.
 */
export function followsFromNow(again: (verb: string) => void): void {
  askAgain = again;
  for (const verb of taken) again(verb);
  taken.clear();
}

function noteTaken(verb: string): void {
  if (askAgain === null) taken.add(verb);
  // Not before who asked has the answer.
  else setTimeout(askAgain, 0, verb);
}

/** Answers with what was asked early, and hands on everything else, and what did not go well. */
export const earlyLink: TRPCLink<AppRouter> = () => {
  const isFresh = (): boolean => performance.now() < goodForMs;
  return ({ op, next }) => {
    const early =
      op.type === 'query' && typeof window !== 'undefined' && isFresh()
        ? takeEarly(window.ambitEarly, op.path, op.input)
        : null;
    if (early === null) return next(op);
    return observable((observer) => {
      let later: { unsubscribe(): void } | undefined;
      let isOver = false;
      void early.then((result) => {
        if (isOver) return;
        if (result === null) {
          later = next(op).subscribe(observer);
          return;
        }
        if ('error' in result) {
          // The others were asked by nobody as well: who signs in and comes back asks anew.
          window.ambitEarly = [];
          observer.error(TRPCClientError.from(result));
          return;
        }
        observer.next({ result: { type: 'data', data: result.data } });
        observer.complete();
        noteTaken(op.path);
      });
      return () => {
        isOver = true;
        later?.unsubscribe();
      };
    });
  };
};
