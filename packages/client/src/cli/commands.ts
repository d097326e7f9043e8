import { catalogue } from '@ambit/contracts/catalogue';
import type { OperationContract } from '@ambit/contracts/operation';
import { kebab } from './names.ts';

/** A verb of the catalogue as a command: `ambit <domain> <verb>`. */
export interface Command {
  domain: string;
  verb: string;
  contract: OperationContract;
}

export const commands: readonly Command[] = Object.entries(catalogue).flatMap(([domain, verbs]) =>
  Object.entries(verbs as Record<string, OperationContract>).map(([verb, contract]) => ({
    domain: kebab(domain),
    verb: kebab(verb),
    contract,
  })),
);

export const domains: readonly string[] = [...new Set(commands.map(({ domain }) => domain))];

export const verbsOf = (domain: string): readonly Command[] =>
  commands.filter((command) => command.domain === domain);

/** Fields of the path in order: they may also be given without a flag, as in `ambit mesh get shop`. */
export const positionals = (contract: OperationContract): string[] =>
  [...contract.rest.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
