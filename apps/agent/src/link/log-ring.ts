import type { StatusReport } from '@ambit/contracts/agent/protocol';

type Line = StatusReport['logs'][number];

/** Log lines that the platform has not got yet; the oldest go when there are too many. */
export interface LogRing {
  push(line: Line): void;
  /** What to send now; `taken` when the platform has it. */
  peek(): { lines: Line[]; taken(): void };
}

export function makeLogRing(capacity = 1000, batch = 200): LogRing {
  let first = 0;
  const lines: Line[] = [];
  return {
    push: (line) => {
      lines.push({ ...line, text: line.text.slice(0, 500) });
      if (lines.length > capacity) {
        lines.shift();
        first += 1;
      }
    },
    peek: () => {
      const sent = lines.slice(0, batch);
      const end = first + sent.length;
      return {
        lines: sent,
        taken: () => {
          const done = Math.max(0, end - first);
          lines.splice(0, done);
          first += done;
        },
      };
    },
  };
}
