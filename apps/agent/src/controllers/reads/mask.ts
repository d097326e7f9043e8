const hidden = '***';
/** In the quotes that the value stood in, so that JSON stays JSON. */
const hide = (_: string, name: string, value: string): string => {
  const quote = /^["']/.exec(value)?.[0] ?? '';
  return `${name}${quote}${hidden}${quote}`;
};

const rules: readonly [RegExp, string | ((...found: string[]) => string)][] = [
  // Values in query strings, whatever their names: they hold what people typed.
  [/([?&][^=&\s"'#?]{1,200}=)[^&\s"'#]+/g, `$1${hidden}`],
  // user:password@ in addresses.
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@:"']{0,200}:[^\s/@"']{0,200}@/gi, `$1${hidden}@`],
  // JSON Web Tokens, wherever they stand.
  [/\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g, hidden],
  [/\b(bearer|basic|digest|negotiate)\s+[A-Za-z0-9+/=_.~-]{4,}/gi, `$1 ${hidden}`],
  // Cookies hold spaces: all to the end of the quotes, or of the line.
  [/((?:^|[^a-z])(?:set-)?cookie["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^"'\n]+)/gi, hide],
  // Names that tell of a secret, as headers, as JSON and as key=value.
  [
    /((?:(?:proxy-)?authorization|x-api-key|api[-_]?key|x-auth-token|x-amz-security-token|x-forwarded-client-cert|[a-z_-]{0,40}(?:token|secret|passwd|password|credential)s?)["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;"'}\]]+)/gi,
    hide,
  ],
];

/** A line of a log without credentials, cookies, tokens and values of query strings. What is doubtful is masked. */
export function maskSecrets(line: string): string {
  let masked = line;
  for (const [pattern, instead] of rules) masked = masked.replace(pattern, instead as string);
  return masked;
}
