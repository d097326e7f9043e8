/** Something a person can mend: shown as a sentence and a way out, without a stack. */
export class Problem extends Error {
  /**
   * @param {string} message what is wrong, and where
   * @param {string} fix what to do
   */
  constructor(message, fix) {
    super(message);
    this.name = 'Problem';
    this.fix = fix;
  }
}

/**
 * Prints an error: a sentence and its way out when it has one (`fix`), else the stack.
 * @param {unknown} error
 */
export function report(error) {
  if (error instanceof Error && 'fix' in error) {
    process.stderr.write(`\n${error.message}\n\n${String(error.fix)}\n`);
  } else {
    process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
  }
}
