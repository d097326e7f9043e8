import type { Issue } from '@ambit/istio/validation/issue';
import type { StructuralCheck } from '@ambit/istio/validation/validate';
import type { DocumentResult } from '@ambit/istio/validation/validate-text';
import { exitCodes } from './exit-codes.ts';
import { listFiles, readText } from './files.ts';
import type { Shell } from './shell.ts';
import { UsageError } from './usage-error.ts';

const usage = `ambit validate FILE... [-o json] [--crds FILE]... [--namespace NAME]

Says whether the Kubernetes API with Istio's CRDs and Istio's webhook would take the objects in the files:
YAML or JSON, several documents, Lists; "-" is the standard input, a folder is read with all below it.
Ends with 1 when anything is refused.

  -o, --output text|json   text by default
      --crds FILE          CustomResourceDefinitions of the release to check by, instead of the built-in ones
  -n, --namespace NAME     the namespace of objects that name none (default)
`;

type Arguments = { files: string[]; crds: string[]; isJson: boolean; namespace: string };

function readArguments(args: string[]): Arguments {
  const found: Arguments = { files: [], crds: [], isJson: false, namespace: 'default' };
  const rest = args.flatMap((word) => (/^--\w+=/.test(word) ? word.split(/=(.*)/s, 2) : [word]));
  const value = (flag: string): string => {
    const next = rest.shift();
    if (next === undefined) throw new UsageError(`${flag} needs a value`, 'ambit validate --help');
    return next;
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '-o' || word === '--output') {
      const format = value(word);
      if (format !== 'json' && format !== 'text') {
        throw new UsageError(`there is no output "${format}"`, 'use text or json');
      }
      found.isJson = format === 'json';
    } else if (word === '--crds') found.crds.push(value(word));
    else if (word === '-n' || word === '--namespace') found.namespace = value(word);
    else if (word === '-f' || word === '--filename') found.files.push(value(word));
    else if (word.startsWith('-') && word !== '-') {
      throw new UsageError(`there is no flag "${word}"`, 'ambit validate --help');
    } else found.files.push(word);
  }
  if (found.files.length === 0) {
    throw new UsageError('name at least one file to validate', 'ambit validate FILE...');
  }
  return found;
}

async function structuralOf(shell: Shell, crdFiles: string[]): Promise<StructuralCheck> {
  const { structuralCheck } = await import('./structural.ts');
  if (crdFiles.length === 0) {
    const { builtInCrds } = await import('@ambit/istio/validation/crd/built-in');
    return structuralCheck(builtInCrds);
  }
  const [{ readCrds }, { parseAllDocuments }] = await Promise.all([
    import('@ambit/istio/validation/crd/catalogue'),
    import('yaml'),
  ]);
  const objects = crdFiles.flatMap((file) =>
    parseAllDocuments(readText(shell, file)).map((document) => document.toJS() as unknown),
  );
  const crds = readCrds(objects);
  if (crds.length === 0) {
    throw new UsageError(
      `no CustomResourceDefinition in ${crdFiles.join(', ')}`,
      'name a file of CRDs',
    );
  }
  return structuralCheck(crds);
}

/** One issue a place where the schema is concerned: Istio's own words go first. */
function distinct(issues: Issue[]): Issue[] {
  const told = new Set(issues.filter(({ layer }) => layer !== 'schema').map(({ path }) => path));
  return issues.filter(({ layer, path }) => {
    if (layer !== 'schema') return true;
    const isNew = !told.has(path);
    told.add(path);
    return isNew;
  });
}

const json = ({ path, line, message }: Issue): object => ({ path, line, message });

function asJson(results: DocumentResult[]): string {
  const list = results.map(({ file, kind, name, errors, warnings }) => ({
    file,
    kind,
    name,
    errors: distinct(errors).map(json),
    warnings: warnings.map(json),
  }));
  return `${JSON.stringify({ results: list })}\n`;
}

function asText(results: DocumentResult[]): string {
  const lines = results.flatMap(({ file, kind, namespace, name, errors, warnings }) => {
    const object = [kind, [namespace, name].filter(Boolean).join('/')].filter(Boolean).join(' ');
    const tell = (word: string, { path, line, message }: Issue): string =>
      `${file}:${line ?? 1}: ${word}: ${[object, path].filter(Boolean).join(', ')}: ${message}`;
    return [
      ...distinct(errors).map((issue) => tell('error', issue)),
      ...warnings.map((issue) => tell('warning', issue)),
    ];
  });
  const refused = results.filter(({ errors }) => errors.length > 0).length;
  const summary = `${results.length} objects, ${refused} refused`;
  return `${[...lines, summary].join('\n')}\n`;
}

/** `ambit validate FILE...`: gives the exit code, 1 when anything is refused. Throws UsageError. */
export async function validateCommand(args: string[], shell: Shell): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    shell.out(usage);
    return exitCodes.done;
  }
  const { files, crds, isJson, namespace } = readArguments(args);
  const [{ validateText }, structural] = await Promise.all([
    import('@ambit/istio/validation/validate-text'),
    structuralOf(shell, crds),
  ]);
  const results = files
    .flatMap(listFiles)
    .flatMap((file) =>
      validateText(readText(shell, file), file, { structural, defaultNamespace: namespace }),
    );
  shell.out(isJson ? asJson(results) : asText(results));
  return results.some(({ errors }) => errors.length > 0) ? exitCodes.failed : exitCodes.done;
}
