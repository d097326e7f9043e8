import type { Catalogue } from '@ambit/contracts/catalogue';
import type { ErrorBody } from '@ambit/contracts/errors';
import type { OperationContract } from '@ambit/contracts/operation';
import type {
  TRPCBuiltRouter,
  TRPCDefaultErrorShape,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
} from '@trpc/server';
import type { z } from 'zod';

/** What `error.data` holds in every tRPC error: the same body as REST, and the HTTP status. */
export type TrpcErrorData = ErrorBody & { httpStatus: number };

type ErrorShape = Omit<TRPCDefaultErrorShape, 'data'> & { data: TrpcErrorData };

interface Root {
  ctx: object;
  meta: object;
  errorShape: ErrorShape;
  transformer: false;
}

interface Definition<Input extends z.ZodType, Output extends z.ZodType> {
  input: z.input<Input>;
  output: z.output<Output>;
  meta: object;
}

type ProcedureOf<Contract> =
  Contract extends OperationContract<infer Input, infer Output, infer Kind>
    ? Kind extends 'query'
      ? TRPCQueryProcedure<Definition<Input, Output>>
      : TRPCMutationProcedure<Definition<Input, Output>>
    : never;

type RecordOf<Domains> = {
  [Domain in keyof Domains]: {
    [Verb in keyof Domains[Domain]]: ProcedureOf<Domains[Domain][Verb]>;
  };
};

/**
 * Type of the server's tRPC router: `domain.verb` of the catalogue, a query or a mutation by its kind.
 * Nothing of the server is imported; the server builds its router from the same catalogue.
 */
export type AppRouter = TRPCBuiltRouter<Root, RecordOf<Catalogue>>;
