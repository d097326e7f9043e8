import { kindWord } from './resource.ts';
import type { Rule } from './rule.ts';

/** The rules of one code, as the catalogue shows them together. */
export type CatalogueEntry = { code: string; title: string; rules: readonly Rule[] };

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Rules by code, in the order of codes; of a code, those that are never shown beside others come last. */
export function catalogue(rules: readonly Rule[]): CatalogueEntry[] {
  const byCode = new Map<string, Rule[]>();
  for (const rule of rules) byCode.set(rule.code, [...(byCode.get(rule.code) ?? []), rule]);
  return [...byCode]
    .sort(([a], [b]) => compare(a, b))
    .map(([code, found]) => {
      const sorted = found.toSorted((a, b) => compare(a.id, b.id));
      const title = [...new Set(sorted.map((rule) => rule.title))].join('; ');
      return { code, title, rules: sorted };
    });
}

const sections = [
  {
    prefix: 'AMB',
    title: 'Ambit',
    text: 'Problems that neither Istio nor Kiali looks for. `AMB0000` stands for a document that cannot be read.',
  },
  {
    prefix: 'IST',
    title: 'Istio',
    text: 'What `istioctl analyze` reports, under its codes. With `--parity istioctl` only these are reported, as Istio’s analysis library would.',
  },
  {
    prefix: 'KIA',
    title: 'Kiali',
    text: 'Kiali’s validations, under their codes. Where one of them says what a rule of Istio or Ambit says of the same place, one finding is shown, which names the codes of the others.',
  },
] as const;

const list = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');

function ruleText(rule: Rule): string[] {
  const kinds = [...new Set(rule.kinds.map(kindWord))].sort();
  const reads = [...new Set(rule.reads.map(kindWord))]
    .filter((kind) => !kinds.includes(kind))
    .sort();
  const example = rule.examples.find(({ aspect }) => aspect === 'positive');
  const yaml = example ? [example.yaml, ...Object.values(example.yamlOfClusters ?? {})] : [];
  return [
    `**${rule.title}** · ${rule.severity} · ${list(kinds)}`,
    rule.explanation,
    `- Cause: ${rule.cause}`,
    `- Consequence: ${rule.consequence}`,
    `- Fix: ${rule.howToFix}`,
    ...(reads.length > 0 ? [`- Looks at: ${list(reads)}`] : []),
    ...(rule.sameAs
      ? [
          `- Shown as: ${list(rule.sameAs.map((code) => code.replace('*', '')))}, where that is found at the same place`,
        ]
      : []),
    ...(rule.parity === 'only' ? ['- With `--parity istioctl` alone'] : []),
    ...(rule.parity === 'never' ? ['- Not with `--parity istioctl`'] : []),
    ...(example
      ? [
          `<details><summary>Found: ${example.title}</summary>\n\n\`\`\`yaml\n${yaml
            .map((text) => text.trim())
            .filter((text) => text !== '')
            .join('\n---\n')}\n\`\`\`\n\n</details>`,
        ]
      : []),
  ];
}

/** Blocks as Markdown: the items of a list on lines of their own, all else apart by an empty line. */
function joined(blocks: readonly string[]): string {
  let text = '';
  for (const [index, block] of blocks.entries()) {
    const isItem = block.startsWith('- ') && (blocks[index - 1]?.startsWith('- ') ?? false);
    text += `${index === 0 ? '' : isItem ? '\n' : '\n\n'}${block}`;
  }
  return text;
}

/** The catalogue as one page of Markdown; the heading of a code is its anchor. */
export function catalogueMarkdown(rules: readonly Rule[]): string {
  const blocks = [
    '# Rules of the diagnosis',
    'Made from the rules themselves (`npm run rules`). Each example is a test of its rule.',
  ];
  for (const { prefix, title, text } of sections) {
    const entries = catalogue(rules.filter(({ code }) => code.startsWith(prefix)));
    blocks.push(`## ${title}`, text);
    blocks.push(
      ['| Code | What it finds |', '| --- | --- |']
        .concat(
          entries.map(
            (entry) => `| [${entry.code}](#${entry.code.toLowerCase()}) | ${entry.title} |`,
          ),
        )
        .join('\n'),
    );
    for (const entry of entries) blocks.push(`### ${entry.code}`, ...entry.rules.flatMap(ruleText));
  }
  return `${joined(blocks)}\n`;
}
