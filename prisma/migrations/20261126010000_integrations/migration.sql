CREATE TABLE "integration" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "cluster_id" TEXT REFERENCES "cluster" ("id") ON DELETE CASCADE,
  "mesh_id" TEXT REFERENCES "mesh" ("id") ON DELETE CASCADE,
  "url" TEXT NOT NULL,
  "settings" JSONB NOT NULL,
  "secrets" TEXT NOT NULL,
  "status" JSONB NOT NULL DEFAULT '{}',
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "integration_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "integration_organisation_id_name_key" ON "integration" ("organisation_id", "name");
CREATE INDEX "integration_cluster_id_idx" ON "integration" ("cluster_id");
CREATE INDEX "integration_mesh_id_idx" ON "integration" ("mesh_id");

GRANT SELECT, INSERT, UPDATE, DELETE ON "integration" TO ambit_tenant;
ALTER TABLE "integration" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "integration" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));
