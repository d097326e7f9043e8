/** A workload as the cluster has it. */
export interface InventoryWorkload {
  cluster: string;
  namespace: string;
  name: string;
  app: string;
  version: string;
  role: 'workload' | 'gateway' | 'waypoint';
  /** Who carries its traffic. */
  proxy: 'none' | 'sidecar' | 'ztunnel';
  desired: number;
  available: number;
  /** Proxies that have not taken the latest configuration. */
  unsynced: number;
  /** Whether somebody tells of its proxies (for one, `istio_build` of its pods); null when that is not known. */
  isReporting: boolean | null;
  /** The annotation `health.kiali.io/rate`. */
  healthRate?: string;
}

/** A service as the cluster, or a ServiceEntry, has it. */
export interface InventoryService {
  cluster: string;
  namespace: string;
  name: string;
  /** Outside the mesh: a ServiceEntry with MESH_EXTERNAL. */
  external: boolean;
  /** Workloads of its namespace that it selects. */
  workloads: string[];
  healthRate?: string;
}

export interface Inventory {
  workloads: InventoryWorkload[];
  services: InventoryService[];
}

export const emptyInventory: Inventory = { workloads: [], services: [] };
