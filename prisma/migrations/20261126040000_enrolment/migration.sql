-- Which waypoint a namespace is to use, and Services that differ from their namespace.
ALTER TABLE "enrolment" ADD COLUMN "waypoint" TEXT NOT NULL DEFAULT '';
ALTER TABLE "enrolment" ADD COLUMN "waypoint_namespace" TEXT NOT NULL DEFAULT '';

CREATE TABLE "enrolment_service" (
  "mesh_id" TEXT NOT NULL REFERENCES "mesh" ("id") ON DELETE CASCADE,
  "cluster_id" TEXT NOT NULL,
  "namespace" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "waypoint" TEXT NOT NULL,
  "waypoint_namespace" TEXT NOT NULL DEFAULT '',
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "enrolment_service_pkey" PRIMARY KEY ("mesh_id", "cluster_id", "namespace", "name")
);
GRANT SELECT, INSERT, UPDATE, DELETE ON "enrolment_service" TO ambit_tenant;
ALTER TABLE "enrolment_service" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "enrolment_service" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

-- How L7 policies are guarded: off, suggest, keep.
ALTER TABLE "mesh" ADD COLUMN "guard_mode" TEXT NOT NULL DEFAULT 'suggest';
