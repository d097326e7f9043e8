/** Plain YAML words as kubectl and istiod read them: YAML 1.1, where yes, no, on, off, y and n are truth values. */
const words = new Map<string, boolean | null | number>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    (word): [string, boolean] => [word, true],
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (word): [string, boolean] => [word, false],
  ),
  ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, null] => [word, null]),
  ...['.nan', '.NaN', '.NAN'].map((word): [string, number] => [word, NaN]),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word): [string, number] => [
    word,
    Infinity,
  ]),
  ...['-.inf', '-.Inf', '-.INF'].map((word): [string, number] => [word, -Infinity]),
]);

const integer = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const date = /^\d{4}-\d{1,2}-\d{1,2}(?:$|[Tt ]\d{1,2}:\d{1,2}:\d{1,2})/;

function integerValue(text: string): number | undefined {
  const found = text.length > 70 ? undefined : integer.exec(text);
  if (!found) return undefined;
  const [, sign, digits = ''] = found;
  const isOctal = /^0[0-7]+$/.test(digits);
  const value = BigInt(isOctal ? `0o${digits.slice(1)}` : digits);
  const isNegative = sign === '-';
  const fits = isNegative
    ? value <= 2n ** 63n
    : value < 2n ** 64n && (sign === '' || value < 2n ** 63n);
  return fits ? Number(isNegative ? -value : value) : undefined;
}

const longestWord = 5;

/** The number that up to 15 digits without a leading zero are; -1 for other texts. */
function digitsValue(text: string): number {
  if (text.length > 15 || text.charCodeAt(0) === 48) return text === '0' ? 0 : -1;
  let value = 0;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The value of a plain (unquoted) scalar. */
export function plainValue(text: string): string | number | boolean | null {
  const first = text.charCodeAt(0);
  if ((first >= 97 && first <= 122) || (first >= 65 && first <= 90)) {
    if (text.length > longestWord) return text;
    const word = words.get(text);
    return word === undefined ? text : word;
  }
  if (first >= 48 && first <= 57) {
    const number = digitsValue(text);
    if (number >= 0) return number;
  }
  const word = words.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.\d]/.test(text) || date.test(text)) return text;
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  const whole = integerValue(plain);
  if (whole !== undefined) return whole;
  return float.test(plain) && Number.isFinite(Number(plain)) ? Number(plain) : text;
}
