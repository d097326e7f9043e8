import { ApiError } from '../sdk.ts';
import { agentInstall } from './agent-install.ts';
import { domains, verbsOf } from './commands.ts';
import { contextCommand, loginCommand } from './context-commands.ts';
import { execCredential } from './credential.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { apiHelp, domainHelp, mainHelp, own } from './help.ts';
import { didYouMean } from './names.ts';
import { runCommand } from './run-command.ts';
import type { Shell } from './shell.ts';
import { UsageError } from './usage-error.ts';
import { watchCommand } from './watch-command.ts';

const isHelp = (word: string | undefined): boolean =>
  word === undefined || word === '--help' || word === '-h' || word === 'help';

/** Runs one command line. Errors are told on `err`; gives the exit code. */
export async function ambit(args: string[], shell: Shell): Promise<number> {
  try {
    return await dispatch(args, shell);
  } catch (error) {
    if (error instanceof UsageError) {
      shell.err(`ambit: ${error.message}\n${error.fix}\n`);
      return exitCodes.usage;
    }
    if (error instanceof ApiError) {
      shell.err(apiErrorText(error));
      return exitCodeOf(error.body.code);
    }
    throw error;
  }
}

async function dispatch(args: string[], shell: Shell): Promise<number> {
  const [domain, verb, ...rest] = args;
  const print = (text: string): number => {
    shell.out(text);
    return exitCodes.done;
  };
  if (domain === undefined || isHelp(domain)) return print(mainHelp());
  if (domain === 'login') return loginCommand(args.slice(1), shell);
  if (domain === 'context') return contextCommand(args.slice(1), shell);
  if (domain === 'api') return print(apiHelp());
  if (domain === 'validate') {
    const { validateCommand } = await import('./validate.ts');
    return validateCommand(args.slice(1), shell);
  }
  if (domain === 'analyze') {
    const words = args.slice(1);
    const { namesMesh } = await import('./analyze/arguments.ts');
    if (namesMesh(words) && !words.includes('--help')) {
      const { analyzeInMesh } = await import('./analyze/in-mesh.ts');
      return analyzeInMesh(words, shell);
    }
    const { analyzeCommand } = await import('./analyze/command.ts');
    return analyzeCommand(words, shell);
  }
  if (domain === 'credential') return print(execCredential(shell.env));
  if (domain === 'kubeconfig') return dispatch(['mesh', ...args], shell);
  if (domain === 'agent') return agent(verb, rest, shell);
  if (!domains.includes(domain)) {
    const known = [...domains, ...own.map(([usage]) => usage.split(' ')[0]!)];
    throw new UsageError(`there is no "${domain}"`, didYouMean(domain, [...new Set(known)]));
  }
  if (verb === undefined || isHelp(verb)) return print(domainHelp(domain));
  if (domain === 'operation' && verb === 'watch') return watchCommand(rest, shell);
  const command = verbsOf(domain).find((known) => known.verb === verb);
  if (command) return runCommand(command, rest, shell);
  const verbs = verbsOf(domain).map((known) => known.verb);
  throw new UsageError(`"${domain}" has no "${verb}"`, didYouMean(verb, verbs));
}

function agent(verb: string | undefined, rest: string[], shell: Shell): Promise<number> {
  if (verb === undefined || isHelp(verb)) return agentInstall(['--help'], shell);
  if (verb === 'install') return agentInstall(rest, shell);
  throw new UsageError(`"agent" has no "${verb}"`, didYouMean(verb, ['install']));
}

function apiErrorText({ body }: ApiError): string {
  const details = (body.details ?? []).map(
    ({ path, line, message }) =>
      `  ${[path, line === undefined ? '' : `line ${line}`].filter(Boolean).join(', ')}: ${message}`,
  );
  return [
    `ambit: ${body.message} (${body.code})`,
    ...details,
    ...(body.fix ? [body.fix] : []),
    ...(body.requestId ? [`request ${body.requestId}`] : []),
    '',
  ].join('\n');
}
