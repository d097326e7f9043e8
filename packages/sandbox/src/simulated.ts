/** Label of everything that is simulated. */
export const simulatedLabel = 'ambit.dev/simulated';

/** The Kubernetes version a sandbox tells. */
export const sandboxVersion = 'v1.34.0+ambit-sandbox';

/** Registry of the sandbox's own images. Nothing is ever fetched: pulling is simulated. */
export const imageHub = 'sandbox.ambit.dev';
