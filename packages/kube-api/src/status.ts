import type { JsonObject } from './types.ts';

export interface StatusCause extends JsonObject {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails extends JsonObject {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** A meta/v1 Status. */
export interface Status extends JsonObject {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: JsonObject;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code?: number;
}

/** The resource a status speaks of, as `details` names it. */
export interface StatusSubject {
  group: string;
  plural: string;
  kind: string;
}

/** Every failure a request can meet; the handler answers its Status. */
export class ApiError extends Error {
  readonly status: Status;
  readonly code: number;
  readonly headers: Record<string, string>;

  constructor(
    code: number,
    reason: string,
    message: string,
    details?: StatusDetails,
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.headers = headers;
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(details === undefined ? {} : { details }),
      code,
    };
  }
}

const detailsOf = (subject: StatusSubject, name: string): StatusDetails => ({
  name,
  ...(subject.group === '' ? {} : { group: subject.group }),
  kind: subject.plural,
});

/** A delete whose precondition names another uid or resourceVersion than the stored one. */
export const preconditionFailed = (
  { group, kind }: StatusSubject,
  name: string,
  what: 'UID' | 'ResourceVersion',
  asked: string,
  stored: string,
): ApiError =>
  conflict(
    { group, kind, plural: kind },
    name,
    `the ${what} in the precondition (${asked}) does not match the ${what} in record (${stored}). The object might have been ${what === 'UID' ? 'deleted and then recreated' : 'modified'}`,
  );

const qualified = (subject: StatusSubject): string =>
  subject.group === '' ? subject.plural : `${subject.plural}.${subject.group}`;

const qualifiedKind = (subject: StatusSubject): string =>
  subject.group === '' ? subject.kind : `${subject.kind}.${subject.group}`;

export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message);

export const unauthorized = (message = 'Unauthorized'): ApiError =>
  new ApiError(401, 'Unauthorized', message, undefined, { 'www-authenticate': 'Bearer' });

export const forbidden = (subject: StatusSubject, name: string, why: string): ApiError =>
  new ApiError(
    403,
    'Forbidden',
    `${qualified(subject)} ${JSON.stringify(name)} is forbidden: ${why}`,
    detailsOf(subject, name),
  );

export const notFound = (subject: StatusSubject, name: string): ApiError =>
  new ApiError(
    404,
    'NotFound',
    `${qualified(subject)} ${JSON.stringify(name)} not found`,
    detailsOf(subject, name),
  );

export const pathNotFound = (): ApiError =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});

export const methodNotAllowed = (): ApiError =>
  new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );

export const notAcceptable = (accepted: string): ApiError =>
  new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted}`);

export const alreadyExists = (subject: StatusSubject, name: string): ApiError =>
  new ApiError(
    409,
    'AlreadyExists',
    `${qualified(subject)} ${JSON.stringify(name)} already exists`,
    detailsOf(subject, name),
  );

export const conflict = (subject: StatusSubject, name: string, why: string): ApiError =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(subject)} ${JSON.stringify(name)}: ${why}`,
    detailsOf(subject, name),
  );

export const objectModified = (subject: StatusSubject, name: string): ApiError =>
  conflict(
    subject,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );

/** Server-side apply met fields of other managers (reason of each cause: FieldManagerConflict). */
export const applyConflict = (causes: StatusCause[]): ApiError => {
  const lines = causes.map((cause) => `${cause.message}: ${cause.field}`);
  const noun = causes.length === 1 ? '1 conflict' : `${causes.length} conflicts`;
  const message =
    causes.length === 1
      ? `Apply failed with ${noun}: ${lines[0]}`
      : `Apply failed with ${noun}: ${groupConflicts(causes)}`;
  return new ApiError(409, 'Conflict', message, { causes });
};

function groupConflicts(causes: StatusCause[]): string {
  const byManager = new Map<string, string[]>();
  for (const cause of causes) {
    const head = `${cause.message}`;
    const fields = byManager.get(head) ?? [];
    fields.push(`${cause.field}`);
    byManager.set(head, fields);
  }
  return [...byManager]
    .map(
      ([head, fields]) =>
        `${head.replace('conflict with', 'conflicts with')}:\n- ${fields.join('\n- ')}`,
    )
    .join('\n');
}

export const gone = (message: string): ApiError => new ApiError(410, 'Expired', message);

export const tooOldResourceVersion = (asked: number, oldest: number): ApiError =>
  gone(`too old resource version: ${asked} (${oldest})`);

export const tooLargeEntity = (limitBytes: number): ApiError =>
  new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limitBytes}`);

export const unsupportedMediaType = (accepted: string[]): ApiError =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );

/** A field that is wrong: `reason` is a CauseType such as FieldValueInvalid. */
export interface FieldError {
  reason: string;
  field: string;
  message: string;
}

export const invalid = (subject: StatusSubject, name: string, errors: FieldError[]): ApiError => {
  const lines = errors.map((error) =>
    error.field === '' ? error.message : `${error.field}: ${error.message}`,
  );
  const text = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`;
  return new ApiError(
    422,
    'Invalid',
    `${qualifiedKind(subject)} ${JSON.stringify(name)} is invalid: ${text}`,
    {
      ...(name === '' ? {} : { name }),
      ...(subject.group === '' ? {} : { group: subject.group }),
      kind: subject.kind,
      causes: errors.map((error) => ({
        reason: error.reason,
        message: error.message.replace(/^<nil>: /, ''),
        field: error.field === '' ? '<nil>' : error.field,
      })),
    },
  );
};

export const tooManyRequests = (message: string, retryAfterSeconds = 1): ApiError =>
  new ApiError(
    429,
    'TooManyRequests',
    message,
    { retryAfterSeconds },
    { 'retry-after': String(retryAfterSeconds) },
  );

export const internalError = (): ApiError =>
  new ApiError(
    500,
    'InternalError',
    'Internal error occurred: the request could not be completed',
    {
      causes: [{ message: 'an unexpected condition; see the log of the server' }],
    },
  );

export const serviceUnavailable = (message: string): ApiError =>
  new ApiError(
    503,
    'ServiceUnavailable',
    message,
    { retryAfterSeconds: 1 },
    { 'retry-after': '1' },
  );

export const success = (details?: StatusDetails): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  ...(details === undefined ? {} : { details }),
});
