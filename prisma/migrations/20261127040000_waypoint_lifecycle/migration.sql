CREATE TABLE "waypoint_lifecycle" (
  "mesh_id" TEXT NOT NULL REFERENCES "mesh" ("id") ON DELETE CASCADE,
  "namespace" TEXT NOT NULL DEFAULT '',
  "name" TEXT NOT NULL DEFAULT '',
  "organisation_id" TEXT NOT NULL,
  "mode" TEXT,
  "after_s" INTEGER,
  "idle_since" TIMESTAMPTZ(3),
  "released" JSONB,
  CONSTRAINT "waypoint_lifecycle_pkey" PRIMARY KEY ("mesh_id", "namespace", "name")
);

GRANT SELECT, INSERT, UPDATE, DELETE ON "waypoint_lifecycle" TO ambit_tenant;
ALTER TABLE "waypoint_lifecycle" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "waypoint_lifecycle" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));
