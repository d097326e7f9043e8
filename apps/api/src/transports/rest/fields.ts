import type { OperationContract } from '@ambit/contracts/operation';

/** Names in the path template of a contract. */
export const pathFields = (contract: OperationContract): string[] =>
  [...contract.rest.path.matchAll(/\{(\w+)\}/g)].map((match) => String(match[1]));

/**
 * Sorts the fields of a verb: those of the path, and the rest (query or body; `version` travels as If-Match).
 * @param given names that came outside the path; `unknown` are those the verb does not have
 */
export function contractFields(contract: OperationContract, given: string[] = []) {
  const path = pathFields(contract);
  const rest = Object.keys(contract.input.shape).filter(
    (name) => !path.includes(name) && !(contract.versioned && name === 'version'),
  );
  const tolerated = contract.versioned ? ['version'] : [];
  return {
    path,
    rest,
    unknown: given.filter((name) => ![...rest, ...path, ...tolerated].includes(name)),
  };
}
