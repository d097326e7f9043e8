import type { NextConfig } from 'next';

process.env['NEXT_TELEMETRY_DISABLED'] ??= '1';

/** Paths the API answers itself; in production it stands in front of this server, so only `next dev` needs them. */
const apiPaths = ['/trpc', '/v1', '/auth', '/agent', '/healthz'];
const apiUrl = process.env['AMBIT_API_URL'];

const config: NextConfig = {
  distDir: process.env['AMBIT_CONSOLE_DIST'] ?? '.next',
  transpilePackages: ['@ambit/contracts', '@ambit/client'],
  poweredByHeader: false,
  devIndicators: false,
  typescript: { ignoreBuildErrors: true },
  rewrites: async () => ({
    beforeFiles: apiUrl
      ? apiPaths.flatMap((path) => [
          { source: path, destination: `${apiUrl}${path}` },
          { source: `${path}/:rest*`, destination: `${apiUrl}${path}/:rest*` },
        ])
      : [],
    afterFiles: [],
    fallback: [],
  }),
};

export default config;
