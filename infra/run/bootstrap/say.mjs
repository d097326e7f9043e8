const began = Date.now();
const terminal = process.stdout.isTTY === true;
const announceAfterMs = 2_000;

/** @param {number} ms */
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** Prints one line. @param {string} line */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Time since this program began, as people read it. */
export const sinceStart = () => seconds(Date.now() - began);

/**
 * Does one step and says it with its time: when it is done, and before that when it is slow or there is a terminal.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const from = Date.now();
  if (terminal) process.stdout.write(`  … ${title}`);
  const notice = terminal ? undefined : setTimeout(() => say(`  … ${title}`), announceAfterMs);
  const end = (/** @type {string} */ mark) => {
    clearTimeout(notice);
    const line = `  ${mark} ${title.padEnd(52)} ${seconds(Date.now() - from).padStart(8)}`;
    say(terminal ? `\r\u001B[K${line}` : line);
  };
  try {
    const result = await work();
    end('✓');
    return result;
  } catch (error) {
    end('✗');
    throw error;
  }
}
