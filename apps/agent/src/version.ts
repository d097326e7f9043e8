declare const __AMBIT_AGENT_VERSION__: string | undefined;

/** Stamped by the build; `dev` when run from its sources. */
export const agentVersion: string =
  typeof __AMBIT_AGENT_VERSION__ === 'string' ? __AMBIT_AGENT_VERSION__ : 'dev';
