/** Versions of the sandbox's own releases whose images "exist". */
export const sandboxVersions = ['1.31.0-sandbox', '1.32.0-sandbox'] as const;

/** Its control plane never starts: there is no image of this tag, on purpose. */
export const brokenVersion = '1.32.1-sandbox-broken';
