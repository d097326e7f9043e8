const plain = /^[A-Za-z*.][\w./:@~-]*$/;
const words = /^(?:true|false|null|yes|no|on|off|y|n|[*.].*)$/i;

function scalar(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  return plain.test(value) && !words.test(value) && !value.endsWith(':')
    ? value
    : JSON.stringify(value);
}

function write(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []\n';
    return `\n${value
      .map((item) => {
        const text = write(item, `${indent}  `);
        return `${indent}-${text.startsWith('\n') ? ` ${text.slice(indent.length + 3)}` : text}`;
      })
      .join('')}`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    if (entries.length === 0) return ' {}\n';
    return `\n${entries
      .map(([key, inner]) => {
        const deeper = Array.isArray(inner) ? indent : `${indent}  `;
        return `${indent}${scalar(key)}:${write(inner, deeper)}`;
      })
      .join('')}`;
  }
  return ` ${scalar(value)}\n`;
}

/** Objects as YAML in block style, as people and tools write it: fast, for meshes of many thousands. */
export function yamlText(objects: Iterable<object>): string {
  return Array.from(objects, (object) => write(object, '').slice(1)).join('---\n');
}
