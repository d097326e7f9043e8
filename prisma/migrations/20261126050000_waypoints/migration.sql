CREATE TABLE "waypoint_pool" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "mesh_id" TEXT NOT NULL REFERENCES "mesh" ("id") ON DELETE CASCADE,
  "name" TEXT NOT NULL,
  "spec" JSONB NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "waypoint_pool_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "waypoint_pool_mesh_id_name_key" ON "waypoint_pool" ("mesh_id", "name");

GRANT SELECT, INSERT, UPDATE, DELETE ON "waypoint_pool" TO ambit_tenant;
ALTER TABLE "waypoint_pool" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "waypoint_pool" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

CREATE TABLE "cluster_waypoints" (
  "cluster_id" TEXT NOT NULL REFERENCES "cluster" ("id") ON DELETE CASCADE,
  "organisation_id" TEXT NOT NULL,
  "boot_id" TEXT NOT NULL,
  "started_at" BIGINT NOT NULL,
  "seq" INTEGER NOT NULL,
  "report" JSONB NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "cluster_waypoints_pkey" PRIMARY KEY ("cluster_id")
);

GRANT SELECT, INSERT, UPDATE, DELETE ON "cluster_waypoints" TO ambit_tenant;
ALTER TABLE "cluster_waypoints" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "cluster_waypoints" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));
