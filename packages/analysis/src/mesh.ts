/** The parts of MeshConfig and MeshNetworks that rules look at, as they are written. */

export type ExtensionProvider = { name?: string } & Readonly<Record<string, unknown>>;

export type MeshConfig = {
  rootNamespace?: string;
  trustDomain?: string;
  trustDomainAliases?: string[];
  ingressControllerMode?: string;
  ingressService?: string;
  ingressSelector?: string;
  outboundTrafficPolicy?: { mode?: string };
  enableAutoMtls?: boolean;
  discoverySelectors?: object[];
  defaultServiceExportTo?: string[];
  defaultVirtualServiceExportTo?: string[];
  defaultDestinationRuleExportTo?: string[];
  defaultProviders?: { tracing?: string[]; metrics?: string[]; accessLogging?: string[] };
  extensionProviders?: ExtensionProvider[];
  defaultConfig?: {
    proxyMetadata?: Readonly<Record<string, string>>;
    image?: { imageType?: string };
    tracing?: Readonly<Record<string, unknown>>;
  } & Readonly<Record<string, unknown>>;
};

export type MeshNetworks = {
  networks?: Readonly<
    Record<
      string,
      {
        endpoints?: { fromRegistry?: string; fromCidr?: string }[];
        gateways?: { registryServiceName?: string; address?: string; port?: number }[];
      }
    >
  >;
};
