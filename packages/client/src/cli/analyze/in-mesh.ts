import type { Finding } from '@ambit/analysis/finding';
import { suppress } from '@ambit/analysis/suppress';
import { findingList } from '@ambit/contracts/operations/finding';
import { policyApply } from '@ambit/contracts/operations/policy';
import type { z } from 'zod';
import { listFiles, readText } from '../files.ts';
import { resolveNames } from '../resolve-names.ts';
import { connect } from '../shell.ts';
import type { Connection, Shell } from '../shell.ts';
import { readArguments } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import { finish, inNamespace, suppressions } from './finish.ts';

type Listed = z.infer<typeof findingList.output>;
type Applied = z.infer<typeof policyApply.output>;
type Told = Omit<Applied['findings'][number], 'introduced' | 'denied' | 'line' | 'fixed'>;

function toFinding(told: Told, id: string): Finding {
  const { code, severity, message, resource, kind, namespace, name, path } = told;
  const { cause, consequence, fix, link } = told;
  return {
    id,
    code,
    severity,
    message,
    resource,
    kind,
    namespace,
    name,
    path,
    cause,
    consequence,
    ...(fix ? { fix: fix as Finding['fix'] } : {}),
    link,
  };
}

/** What the diagnosis of the mesh finds now. */
async function standing(
  connection: Connection,
  meshId: unknown,
  signal: AbortSignal,
): Promise<Finding[]> {
  const found: Finding[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const input = { meshId, state: 'open', limit: 500, cursor };
    const page = (await connection.call(findingList, input, { signal })) as Listed;
    for (const { id, clusterName, ...told } of page.items) {
      found.push({ ...toFinding(told, id), ...(clusterName ? { cluster: clusterName } : {}) });
    }
    cursor = page.nextCursor;
  }
  return found;
}

type Joined = { yaml: string; placeOf: (line: number) => { file: string; line: number } };

/** The texts as one, so that they are looked at together, and where a line of it came from. */
function join(files: readonly string[], shell: Shell): Joined {
  const starts: { file: string; from: number }[] = [];
  let yaml = '';
  let line = 1;
  for (const file of files) {
    const text = readText(shell, file);
    const part = `${text}${text.endsWith('\n') ? '' : '\n'}---\n`;
    starts.push({ file, from: line });
    yaml += part;
    line += part.split('\n').length - 1;
  }
  return {
    yaml,
    placeOf: (wanted) => {
      const start = starts.findLast(({ from }) => from <= wanted);
      return { file: start?.file ?? '', line: wanted - (start?.from ?? 1) + 1 };
    },
  };
}

/** What the files would bring about in the mesh: they are applied for show, and nothing is stored. */
async function introduced(
  connection: Connection,
  meshId: unknown,
  { yaml, placeOf }: Joined,
  signal: AbortSignal,
): Promise<Finding[]> {
  const input = { meshId, yaml, dryRun: true };
  const answer = (await connection.call(policyApply, input, { signal })) as Applied;
  return answer.findings.flatMap((told, index) =>
    told.introduced
      ? [
          {
            ...toFinding(told, `${told.code}-${index}`),
            ...(told.line === null ? {} : placeOf(told.line)),
          },
        ]
      : [],
  );
}

/** `ambit analyze [FILE|DIR|-]... --mesh MESH`: gives the exit code. Throws UsageError and ApiError. */
export async function analyzeInMesh(words: readonly string[], shell: Shell): Promise<number> {
  const args: Arguments = readArguments(words);
  const connection = connect(shell, { url: args.url, token: args.token });
  const { meshId } = await resolveNames(connection, { meshId: args.mesh });
  const found =
    args.files.length === 0
      ? await standing(connection, meshId, shell.signal)
      : await introduced(
          connection,
          meshId,
          join(args.files.flatMap(listFiles), shell),
          shell.signal,
        );
  return finish(args, shell, {
    ...suppress(inNamespace(args, found), suppressions(args), Date.now()),
    unknownKinds: [],
  });
}
