import { z } from 'zod';
import { kubeObjectSchema } from './common.ts';

const minor = z.string().regex(/^\d+\.\d+$/, 'a Kubernetes minor such as 1.34');

/** A named deviation from Istio's release, with the reason a person is shown. */
export const releasePatchSchema = z.object({
  name: z.string(),
  reason: z.string(),
  /** Installer values, nested, merged over the profile and over the mesh's options. */
  values: z.record(z.string(), z.unknown()).optional(),
  /** Only for these profiles; all when missing. */
  profiles: z.array(z.enum(['sidecar', 'ambient'])).optional(),
  /** Components switched on or off: cni, ztunnel, pilot. */
  components: z.record(z.string(), z.boolean()).optional(),
  /** Objects added to the control-plane bundle. */
  objects: z.array(kubeObjectSchema).optional(),
});

/** An installable Istio version. The catalogue is data; see packages/istio/src/releases. */
export const releaseSchema = z
  .object({
    version: z.string().regex(/^\d+\.\d+\.\d+(-[a-z0-9.-]+)?$/, 'a version such as 1.30.2'),
    channel: z.string().describe('stable, rapid, …: how far the version is proven'),
    kubernetes: z.object({ min: minor, max: minor }),
    endOfLife: z.iso.date(),
    /**
     * Where the renderer of exactly this version comes from: a binary on this machine, or a download (a .tar.gz that
     * holds `istioctl`). `{os}` and `{arch}` in the url are filled in; without sha256, `<url>.sha256` is asked. `sandbox`
     * names a simulated release, made by a generator of packages/sandbox: only a sandbox cluster brings it to life.
     */
    source: z.union([
      z.object({ istioctl: z.string() }),
      z.object({ url: z.url(), sha256: z.string().optional() }),
      z.object({ sandbox: z.string() }),
    ]),
    /** CRDs of Gateway API that go with it (standard channel, YAML): a file on this machine, or a download. */
    gatewayApi: z
      .object({
        version: z.string().regex(/^\d+\.\d+\.\d+$/, 'a version such as 1.4.0'),
        path: z.string().optional(),
        url: z.url().optional(),
        sha256: z.string().optional(),
      })
      .refine((g) => g.path !== undefined || g.url !== undefined, 'path or url is needed')
      .optional(),
    values: z.record(z.string(), z.unknown()).default({}),
    patches: z.array(releasePatchSchema).default([]),
  })
  .meta({ id: 'Release' });
export type Release = z.output<typeof releaseSchema>;

export const releaseCatalogueSchema = z.array(releaseSchema).min(1);
