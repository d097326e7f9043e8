const startedAt = performance.now();

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)}s`;

/** One line of progress on stderr, so that stdout carries only what was asked for. */
export function say(message: string): void {
  const clock = seconds(performance.now() - startedAt).padStart(7);
  process.stderr.write(`lab ${clock}  ${message}\n`);
}

/** Says a title, does the work, and says how long it took when that was worth noticing. */
export async function step<T>(title: string, work: () => Promise<T> | T): Promise<T> {
  const begunAt = performance.now();
  say(title);
  const result = await work();
  const tookMs = performance.now() - begunAt;
  if (tookMs > 1000) say(`  done in ${seconds(tookMs)}: ${title}`);
  return result;
}
