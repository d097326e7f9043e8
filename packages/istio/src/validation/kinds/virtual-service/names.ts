const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

export const corsMethods = words('GET HEAD POST PUT PATCH DELETE CONNECT OPTIONS TRACE *');

/** x-envoy-retry-on and x-envoy-retry-grpc-on. */
export const retryPolicies = words(`
  5xx gateway-error reset reset-before-request connect-failure retriable-4xx refused-stream
  retriable-status-codes retriable-headers envoy-ratelimited http3-post-connect-failure
  cancelled deadline-exceeded internal resource-exhausted unavailable`);

export const grpcStatuses = words(`
  OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED
  RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE
  DATA_LOSS UNAUTHENTICATED`);

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** The status codes that are registered for HTTP. */
export const httpStatuses: ReadonlySet<number> = new Set([
  ...range(100, 103),
  ...range(200, 208),
  226,
  ...range(300, 305),
  307,
  308,
  ...range(400, 418),
  ...range(421, 426),
  428,
  429,
  431,
  451,
  ...range(500, 508),
  510,
  511,
]);
