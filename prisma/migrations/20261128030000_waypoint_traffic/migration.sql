CREATE TABLE "waypoint_traffic" (
  "cluster_id" TEXT NOT NULL REFERENCES "cluster" ("id") ON DELETE CASCADE,
  "namespace" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "step_s" INTEGER NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "observed_ms" DOUBLE PRECISION NOT NULL,
  "requests" DOUBLE PRECISION NOT NULL,
  "errors" DOUBLE PRECISION NOT NULL,
  "errors_of" DOUBLE PRECISION NOT NULL,
  "took_ms" DOUBLE PRECISION NOT NULL,
  "added_ms" DOUBLE PRECISION NOT NULL,
  "added_of" DOUBLE PRECISION NOT NULL,
  "timed" DOUBLE PRECISION NOT NULL,
  "buckets" REAL[] NOT NULL,
  CONSTRAINT "waypoint_traffic_pkey" PRIMARY KEY ("cluster_id", "namespace", "name", "step_s", "at")
);
CREATE INDEX "waypoint_traffic_cluster_id_step_s_at_idx" ON "waypoint_traffic" ("cluster_id", "step_s", "at");

GRANT SELECT, INSERT, UPDATE, DELETE ON "waypoint_traffic" TO ambit_tenant;
ALTER TABLE "waypoint_traffic" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "waypoint_traffic" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));
