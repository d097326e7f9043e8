import type { GraphNode } from '@ambit/topology/model';
import { nodeName } from './words.ts';

/** How well a name fits what was typed: letters in order, starts and runs count more. 0: not at all. */
export function fit(typed: string, name: string): number {
  const want = typed.toLowerCase();
  const have = name.toLowerCase();
  const whole = have.indexOf(want);
  if (whole >= 0) return 1000 - whole - have.length / 100;
  let score = 0;
  let at = -1;
  for (const letter of want) {
    const next = have.indexOf(letter, at + 1);
    if (next < 0) return 0;
    score += next === at + 1 ? 8 : /[^a-z0-9]/.test(have[next - 1] ?? '-') ? 6 : 1;
    at = next;
  }
  return score - have.length / 100;
}

/** The nodes that fit best, by name, namespace and kind. */
export function find(nodes: readonly GraphNode[], typed: string, most = 12): GraphNode[] {
  const words = typed.trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return nodes
    .map((node) => {
      const scores = words.map((word) =>
        Math.max(
          fit(word, nodeName(node)),
          fit(word, node.namespace) / 2,
          fit(word, node.kind) / 3,
        ),
      );
      return { node, score: scores.includes(0) ? 0 : scores.reduce((sum, each) => sum + each, 0) };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.node.id < b.node.id ? -1 : 1))
    .slice(0, most)
    .map(({ node }) => node);
}
