/** A failure that a person can act on: what was wrong, where, and what to do. Printed without a stack. */
export class LabError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'LabError';
    this.hint = hint;
  }
}
