import { catalogue } from '@ambit/contracts/catalogue';
import type { OperationContract } from '@ambit/contracts/operation';

/** The catalogue as a flat list of contracts, in its order. */
export const contracts: OperationContract[] = Object.values(catalogue).flatMap(
  (verbs) => Object.values(verbs) as OperationContract[],
);
