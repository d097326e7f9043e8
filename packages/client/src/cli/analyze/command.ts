import { analyze } from '@ambit/analysis/analyze';
import { allRules } from '@ambit/analysis/rules/all';
import { loadTexts } from '@ambit/analysis/sources/load';
import type { Loaded, SourceText } from '@ambit/analysis/sources/load';
import { unreadableFinding } from '@ambit/analysis/sources/unreadable';
import { suppress } from '@ambit/analysis/suppress';
import { exitCodes } from '../exit-codes.ts';
import { listFiles, readText } from '../files.ts';
import { UsageError } from '../usage-error.ts';
import { readArguments, usage } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import { finish, inNamespace, suppressions } from './finish.ts';

/** What the command touches outside itself. */
export type AnalyzeShell = {
  out: (text: string) => void;
  err: (text: string) => void;
  readFile: (path: string) => string;
};

function load(args: Arguments, shell: AnalyzeShell): Loaded {
  const read = (file: string): SourceText => ({ file, text: readText(shell, file) });
  const setting = (file: string | undefined): SourceText | undefined =>
    file === undefined ? undefined : read(file);
  try {
    return loadTexts(args.files.flatMap(listFiles).map(read), {
      meshConfig: setting(args.meshConfig),
      meshNetworks: setting(args.meshNetworks),
      parity: args.isParity,
    });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError((error as Error).message, 'Correct the file, or leave out the flag.');
  }
}

/** `ambit analyze [FILE|DIR|-]...`: gives the exit code, 1 from `--fail-on` on. Throws UsageError. */
export function analyzeCommand(words: readonly string[], shell: AnalyzeShell): number {
  if (words.includes('--help') || words.includes('-h')) {
    shell.out(usage);
    return exitCodes.done;
  }
  const args = readArguments(words);
  const loaded = load(args, shell);
  const now = Date.now();
  const analysed = analyze(loaded.snapshot, {
    rules: allRules,
    parity: args.isParity,
    now,
    ...(args.certificateDays === undefined ? {} : { certificateDays: args.certificateDays }),
  });
  const unreadable = loaded.unreadable.map(unreadableFinding);
  if (args.isParity) {
    // Istio's analysis leaves out what it cannot read.
    for (const { file, line, message } of unreadable) shell.err(`${file}:${line}: ${message}\n`);
  }
  const all = args.isParity ? analysed : [...unreadable, ...analysed];
  return finish(args, shell, {
    ...suppress(inNamespace(args, all), suppressions(args), now),
    unknownKinds: [...loaded.unknownKinds].sort(),
  });
}
