-- Objects of member clusters as their agents tell them, and what people decided of those applied there directly.
ALTER TABLE "cluster"
  ADD COLUMN "objects_seq" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "objects_at" TIMESTAMPTZ(3),
  ADD COLUMN "objects_complete" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "objects_omitted" JSONB NOT NULL DEFAULT '{}';

CREATE TABLE "cluster_object" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "cluster_id" TEXT NOT NULL REFERENCES "cluster" ("id") ON DELETE CASCADE,
  "api_version" TEXT NOT NULL,
  "api_group" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "namespace" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "origin" TEXT NOT NULL,
  "digest" TEXT NOT NULL,
  "object" JSONB NOT NULL,
  "writer" JSONB,
  "truncated" BOOLEAN NOT NULL DEFAULT false,
  "seq" INTEGER NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "cluster_object_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "cluster_object_cluster_id_api_group_kind_namespace_name_key"
  ON "cluster_object" ("cluster_id", "api_group", "kind", "namespace", "name");
CREATE INDEX "cluster_object_cluster_id_origin_idx" ON "cluster_object" ("cluster_id", "origin");
GRANT SELECT, INSERT, UPDATE, DELETE ON "cluster_object" TO ambit_tenant;
ALTER TABLE "cluster_object" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "cluster_object" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

CREATE TABLE "object_decision" (
  "organisation_id" TEXT NOT NULL,
  "cluster_id" TEXT NOT NULL REFERENCES "cluster" ("id") ON DELETE CASCADE,
  "api_group" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "namespace" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "choice" TEXT NOT NULL,
  "uid" TEXT NOT NULL,
  "generation" INTEGER,
  "decided_by" TEXT NOT NULL,
  "decided_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "object_decision_pkey" PRIMARY KEY ("cluster_id", "api_group", "kind", "namespace", "name")
);
GRANT SELECT, INSERT, UPDATE, DELETE ON "object_decision" TO ambit_tenant;
ALTER TABLE "object_decision" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "object_decision" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));
