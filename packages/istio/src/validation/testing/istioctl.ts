// A test, not the package, asks the real program.
// oxlint-disable no-restricted-imports
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Answer = { refused: boolean; warned: boolean; text: string };

/** Names of the documents of a run: t0, t1, ... with any suffix after a dot. */
const line = /^\t\* \w*\/[^/\n]*\/t(\d+)[^\n:]*:([^\n]*)/gm;

function mark(output: string, answers: Answer[], field: 'refused' | 'warned'): void {
  for (const [, index, text = ''] of output.matchAll(line)) {
    const answer = answers[Number(index)];
    if (!answer) continue;
    answer[field] = true;
    answer.text += `${field}:${text}\n`;
  }
}

const escapeControls = (json: string): string =>
  json.replace(/[\u007f-\u009f]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);

/** Runs `istioctl validate` once over all documents. Each must be named t<its index>; undefined when it crashed. */
function run(istioctl: string, folder: string, documents: object[]): Answer[] | undefined {
  const file = join(folder, 'documents.yaml');
  writeFileSync(
    file,
    documents.map((document) => escapeControls(JSON.stringify(document))).join('\n---\n'),
  );
  const { stderr, stdout } = spawnSync(istioctl, ['validate', '-f', file], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    env: { ...process.env, KUBECONFIG: '/dev/null', GOMAXPROCS: '1' },
  });
  const output = `${stdout}\n${stderr}`;
  if (/^panic: |goroutine \d+ \[/m.test(output)) return undefined;
  const answers = documents.map((): Answer => ({ refused: false, warned: false, text: '' }));
  const errors = output.search(/^Error: /m);
  mark(errors < 0 ? output : output.slice(0, errors), answers, 'warned');
  if (errors >= 0) mark(output.slice(errors), answers, 'refused');
  const unread = /failed to decode file[^\n]*/.exec(output)?.[0];
  if (unread) throw new Error(`istioctl could not read the documents: ${unread}`);
  return answers;
}

const rename = (document: object, index: number): object => {
  const { metadata } = document as { metadata: { name: string } };
  const name = metadata.name.replace(/^t\d+/, `t${index}`);
  return { ...document, metadata: { ...metadata, name } };
};

function answersOf(istioctl: string, folder: string, documents: object[]): Answer[] {
  const found = run(istioctl, folder, documents.map(rename));
  if (found) return found;
  if (documents.length === 1) return [{ refused: true, warned: false, text: 'istioctl crashed' }];
  const half = documents.length >> 1;
  return [
    ...answersOf(istioctl, folder, documents.slice(0, half)),
    ...answersOf(istioctl, folder, documents.slice(half)),
  ];
}

/** What real istioctl says of each document. A document that crashes it counts as refused. */
export function askIstioctl(istioctl: string, documents: object[]): Answer[] {
  const folder = mkdtempSync(join(tmpdir(), 'ambit-validate-'));
  try {
    return answersOf(istioctl, folder, documents);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
