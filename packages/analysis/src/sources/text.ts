import { kindRefusal } from '@ambit/istio/kinds';
import type { Kind } from '../kinds.ts';
import type { Path, Origin, Resource } from '../resource.ts';
import { readObject } from '../read-object.ts';
import { chunks } from './chunks.ts';
import type { Chunk } from './chunks.ts';
import { isPlainAscii, parseOne } from './document.ts';
import type { Positions } from './document.ts';
import { firstDocument, isJsonOrYaml, isListTaken, misplacedTab } from './istio-reader.ts';
import { linesGone } from './list-items.ts';

/** A document that could not be taken, for the finding that says so. */
export type Unreadable = {
  file: string;
  line: number;
  /** The place in the object, where it is an object. */
  path: Path;
  message: string;
  kind: Kind | undefined;
  namespace: string;
  name: string;
};

export type Sources = {
  resources: Resource[];
  unreadable: Unreadable[];
  /** Kinds that no rule knows, each once. */
  unknownKinds: Set<string>;
};

export type TextOptions = {
  cluster?: string;
  defaultNamespace?: string;
  /** Takes and leaves documents as Istio's own analysis does. */
  parity?: boolean;
};

type Item = { value: unknown; path: Path };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const top: Path = [];

/** The objects of a document: itself, or the items of a List. Istio's analysis knows no `PodList` and the like. */
function unfold(value: unknown, path: Path, parity: boolean, into: Item[] = []): Item[] {
  const kind = isObject(value) && typeof value['kind'] === 'string' ? value['kind'] : '';
  const isList = parity ? kind === 'List' : kind.endsWith('List');
  const items = isList && isObject(value) ? value['items'] : null;
  if (!Array.isArray(items)) into.push({ value, path });
  else for (const [at, item] of items.entries()) unfold(item, [...path, 'items', at], parity, into);
  return into;
}

/** Lines are found when asked for: most documents have no findings. A class, as there is one for each object. */
class DocumentOrigin implements Origin {
  readonly file: string;
  readonly #chunk: Chunk;
  readonly #path: Path;
  readonly #positions: () => Positions;

  constructor(file: string, chunk: Chunk, path: Path, positions: () => Positions) {
    this.file = file;
    this.#chunk = chunk;
    this.#path = path;
    this.#positions = positions;
  }

  get #isItem(): boolean {
    return this.#path.length > 0;
  }

  /** In how many Lists it stands: each adds one to the lines that istioctl names. */
  get #depth(): number {
    return this.#path.length / 2;
  }

  get line(): number {
    return this.#isItem ? this.lineOf([]) : this.#chunk.firstLine;
  }

  get istioLine(): number {
    return this.#isItem
      ? this.lineOf([]) + this.#chunk.istioShift + this.#depth
      : this.#chunk.firstLine;
  }

  get istioText(): string | undefined {
    const { text, isMarked } = this.#chunk;
    return this.#isItem ? undefined : `${isMarked ? '---' : ''}${text.trim()}`;
  }

  lineOf(inner: Path): number {
    return this.#chunk.line - 1 + this.#positions().lineOf([...this.#path, ...inner]);
  }

  istioLineOf(inner: Path): number | undefined {
    const positions = this.#positions();
    const line = positions.lineOfScalar([...this.#path, ...inner]);
    if (line === undefined) return undefined;
    const { text, line: first, istioShift } = this.#chunk;
    const item = this.#isItem ? positions.nodeAt(this.#path) : undefined;
    const [offset = 0] = positions.nodeAt([...this.#path, ...inner])?.range ?? [];
    const gone = item ? linesGone(item, text, offset) : 0;
    return first - 1 + line + istioShift + this.#depth - gone;
  }
}

const istioGroups = new Set(['networking', 'security', 'telemetry', 'extensions']);

/** Why there is no such kind, where its group is one of Istio's and holds no others; null for other groups. */
function refusalOf({ apiVersion, kind }: Record<string, unknown>): string | null {
  const group = String(apiVersion).split('/')[0] ?? '';
  const isIstio = group.endsWith('.istio.io') && istioGroups.has(group.slice(0, -9));
  return isIstio ? kindRefusal(String(apiVersion), String(kind)) : null;
}

const noKind = (file: string, line: number, message: string): Unreadable => ({
  file,
  line,
  path: ['kind'],
  message,
  kind: undefined,
  namespace: '',
  name: '',
});

/** Reads every document of a YAML or JSON text; Lists are unfolded. Of equal names the last one stands. */
export function readText(
  text: string,
  file: string,
  into: Sources,
  options: TextOptions = {},
): void {
  const { parity = false } = options;
  const isClean = isPlainAscii(text);
  for (const chunk of chunks(text, parity)) {
    if (parity && !chunk.isMarked && !isJsonOrYaml(chunk.text)) continue;
    const part = parity ? firstDocument(chunk) : chunk.text;
    const tab = parity ? misplacedTab(part) : undefined;
    const parsed =
      tab === undefined
        ? parseOne(part, parity, isClean)
        : { problem: 'a tab indents it', offset: tab };
    if ('problem' in parsed) {
      const before = chunk.text.slice(0, parsed.offset).split('\n').length - 1;
      into.unreadable.push({
        file,
        line: chunk.line + before,
        path: [],
        message: parsed.problem,
        kind: undefined,
        namespace: '',
        name: '',
      });
      continue;
    }
    if (parsed.value === null || (parity && !isListTaken(parsed, part))) continue;
    for (const { value, path } of unfold(parsed.value, top, parity)) {
      const origin = new DocumentOrigin(file, chunk, path, parsed.positions);
      const read = readObject(value, { ...options, origin });
      if ('resource' in read) into.resources.push(read.resource);
      else if ('unknownKind' in read) {
        const message = isObject(value) ? refusalOf(value) : null;
        if (message === null) into.unknownKinds.add(read.unknownKind);
        else into.unreadable.push(noKind(file, origin.lineOf(['kind']), message));
      } else {
        const { kind, namespace, name, problems } = read;
        for (const problem of problems) {
          const line = origin.lineOf(problem.path);
          into.unreadable.push({ file, line, ...problem, kind, namespace, name });
        }
      }
    }
  }
}

export const noSources = (): Sources => ({
  resources: [],
  unreadable: [],
  unknownKinds: new Set(),
});
