declare const AMBIT_AGENT_VERSION: string | undefined;

/** Stamped by the build; `dev` when run from its sources. */
export const agentVersion: string =
  typeof AMBIT_AGENT_VERSION === 'string' ? AMBIT_AGENT_VERSION : 'dev';
