/** Bounds that keep one hostile or slow client from costing the others. */
export interface Limits {
  /** Longest request body, in bytes (kube-apiserver: 3 MiB). */
  bodyBytes: number;
  /** Deepest nesting of a body. */
  depth: number;
  /** Longest YAML body, in bytes: YAML is slow to parse. */
  yamlBytes: number;
  /** Most aliases a YAML body may expand. */
  yamlAliases: number;
  /** Bytes that may wait for one watcher before it is closed as too slow. */
  watchQueueBytes: number;
  /** How long a watcher closed as too slow may take to read the last event. */
  watchFlushTimeoutMs: number;
  /** Watches one API serves at a time; more are answered 429. */
  watches: number;
  /** Lists larger than this are compressed when the client accepts gzip. */
  gzipBytes: number;
  /** Time between bookmarks of one watch. */
  bookmarkMs: number;
  /** A watch without timeoutSeconds ends between this and twice this. */
  watchTimeoutMs: number;
  /** Objects returned at most by one list page; 0 means no bound. */
  listPage: number;
}

export const defaultLimits: Limits = {
  bodyBytes: 3 * 1024 * 1024,
  depth: 200,
  yamlBytes: 1024 * 1024,
  yamlAliases: 100,
  watchQueueBytes: 4 * 1024 * 1024,
  watchFlushTimeoutMs: 5_000,
  watches: 2_000,
  gzipBytes: 128 * 1024,
  bookmarkMs: 60_000,
  watchTimeoutMs: 30 * 60_000,
  listPage: 0,
};
