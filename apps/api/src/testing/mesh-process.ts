import { freePort } from '@ambit/db/free-port';
import type { KubeObject } from '@ambit/contracts/common';
import { meshKinds } from '@ambit/kube-api/testing/crds';
import { kubectlFor, type Kubectl } from '@ambit/kube-api/testing/kubectl';
import { renderedMesh } from '@ambit/services/testing/rendered-mesh';
import { expect, vi } from 'vitest';
import { runProgram } from './program.ts';
import { startTestServer } from './test-server.ts';

/** A mesh of the process, and how clients reach its Kubernetes API. */
export interface ServedMesh {
  /** Address of the API, without credentials. */
  url: string;
  token: string;
  /** An unmodified kubectl with a kubeconfig (`config.json` in its folder) for the mesh. */
  kubectl: Kubectl;
}

export interface MeshProcess {
  /** A new mesh whose release brings Istio's own CRDs. */
  makeMesh(): Promise<ServedMesh>;
  close(): Promise<void>;
}

/** The real API process (main.ts) over a Postgres of its own. */
export async function startMeshProcess(): Promise<MeshProcess> {
  const server = await startTestServer();
  const definitions = (await meshKinds())?.map(({ crd }) => crd as unknown as KubeObject);
  const port = await freePort();
  const program = runProgram('main.ts', {
    AMBIT_DATABASE_URL: server.platform.db.url,
    AMBIT_PORT: String(port),
  });
  const isServing = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await vi.waitFor(async () => expect(await isServing()).toBe(true), {
    timeout: 100_000,
    interval: 50,
  });
  const kubectls: Kubectl[] = [];
  return {
    async makeMesh() {
      const meshId = await renderedMesh(server.platform, server.tenant, {
        definitions,
        gatewayApi: [],
      });
      const url = `http://127.0.0.1:${port}/k8s/${meshId}`;
      const token = await server.token('operator');
      const open = new URL(url);
      open.username = 'ambit';
      open.password = token;
      const kubectl = await kubectlFor(open.href);
      kubectls.push(kubectl);
      return { url, token, kubectl };
    },
    close: async () => {
      for (const kubectl of kubectls) await kubectl.remove();
      program.kill('SIGKILL');
      await program.ended;
      await server.close();
    },
  };
}
