import { AmbitError } from '@ambit/services/kernel/errors';

/** @throws AmbitError invalid_input */
export function wholeNumber(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  throw new AmbitError('invalid_input', `"${text}" is not a whole number`);
}
