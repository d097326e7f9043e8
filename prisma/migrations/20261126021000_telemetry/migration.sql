-- What agents tell of the traffic of their clusters (packages/services/src/telemetry-store), for meshes without a
-- Prometheus. Written and read in SQL only.

-- Of each cluster: the last report, the proxies it told of, and how far its rates are rolled up.
CREATE TABLE "telemetry_source" (
  "cluster_id" TEXT NOT NULL REFERENCES "cluster" ("id") ON DELETE CASCADE,
  "organisation_id" TEXT NOT NULL,
  "boot_id" TEXT NOT NULL DEFAULT '',
  "started_at" BIGINT NOT NULL DEFAULT 0,
  "seq" INTEGER NOT NULL DEFAULT -1,
  -- End of the last interval that was told.
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT 'epoch',
  "next_number" INTEGER NOT NULL DEFAULT 1,
  "proxies" JSONB NOT NULL DEFAULT '[]',
  "proxies_at" TIMESTAMPTZ(3) NOT NULL DEFAULT 'epoch',
  "dropped" JSONB NOT NULL DEFAULT '{}',
  "rolled_1m" TIMESTAMPTZ(3) NOT NULL DEFAULT 'epoch',
  "rolled_10m" TIMESTAMPTZ(3) NOT NULL DEFAULT 'epoch',
  CONSTRAINT "telemetry_source_pkey" PRIMARY KEY ("cluster_id")
);

-- The labels of an edge, once; rates name it by its number, which is never given to another.
CREATE TABLE "telemetry_edge" (
  "cluster_id" TEXT NOT NULL REFERENCES "cluster" ("id") ON DELETE CASCADE,
  "number" INTEGER NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "digest" TEXT NOT NULL,
  -- Texts in the order of contracts/agent/telemetry.ts.
  "labels" JSONB NOT NULL,
  "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "telemetry_edge_pkey" PRIMARY KEY ("cluster_id", "number")
);
CREATE UNIQUE INDEX "telemetry_edge_digest" ON "telemetry_edge" ("cluster_id", "digest");

-- Partitions are made and dropped by time; nobody but the platform itself reaches them directly.
CREATE SCHEMA "ambit_telemetry";

DO $$
DECLARE name TEXT;
BEGIN
  FOREACH name IN ARRAY ARRAY['telemetry_rate_10s', 'telemetry_rate_1m', 'telemetry_rate_10m']
  LOOP
    -- A row holds the rates of up to 256 edges over one interval, which ended at "at".
    EXECUTE format('CREATE TABLE %I (
      "cluster_id" TEXT NOT NULL REFERENCES "cluster" ("id") ON DELETE CASCADE,
      "at" TIMESTAMPTZ(3) NOT NULL,
      "block" INTEGER NOT NULL,
      "organisation_id" TEXT NOT NULL,
      "window_ms" INTEGER NOT NULL,
      "body" BYTEA NOT NULL,
      PRIMARY KEY ("cluster_id", "at", "block")
    ) PARTITION BY RANGE ("at")', name);
    EXECUTE format('ALTER TABLE %I ALTER COLUMN "body" SET STORAGE EXTERNAL', name);
    -- For rows of a time that nobody made a partition for; it is empty as long as the platform runs.
    EXECUTE format('CREATE TABLE "ambit_telemetry".%I PARTITION OF %I DEFAULT', name || '_other', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['telemetry_source', 'telemetry_edge', 'telemetry_rate_10s', 'telemetry_rate_1m', 'telemetry_rate_10m']
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO ambit_tenant', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY "tenant" ON %I TO ambit_tenant USING ("organisation_id" = current_setting(''ambit.organisation'', true))', name);
  END LOOP;
END $$;
