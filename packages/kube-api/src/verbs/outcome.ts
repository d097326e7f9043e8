import type { JsonObject } from '../types.ts';

/** What a verb answers: an object's stored bytes, or a value that is no object of the kind. */
export type Outcome =
  | { code: number; bytes: Buffer; value?: undefined }
  | { code: number; value: JsonObject; bytes?: undefined };
