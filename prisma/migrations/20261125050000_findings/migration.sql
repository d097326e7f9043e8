CREATE TABLE "finding" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "mesh_id" TEXT NOT NULL REFERENCES "mesh" ("id") ON DELETE CASCADE,
  "key" TEXT NOT NULL,
  "code" TEXT NOT NULL,
  "severity" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "namespace" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "resource" TEXT NOT NULL,
  "cluster_id" TEXT NOT NULL DEFAULT '',
  "path" TEXT NOT NULL,
  "message" TEXT NOT NULL,
  "cause" TEXT NOT NULL,
  "consequence" TEXT NOT NULL,
  "fix" JSONB,
  "link" TEXT NOT NULL,
  "policy_id" TEXT,
  "first_version" INTEGER,
  "last_version" INTEGER,
  "first_seen" TIMESTAMPTZ(3) NOT NULL,
  "last_seen" TIMESTAMPTZ(3) NOT NULL,
  "resolved_at" TIMESTAMPTZ(3),
  "suppressed" JSONB,
  CONSTRAINT "finding_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "finding_mesh_id_key_key" ON "finding" ("mesh_id", "key");
CREATE INDEX "finding_organisation_id_mesh_id_idx" ON "finding" ("organisation_id", "mesh_id");
CREATE INDEX "finding_open" ON "finding" ("organisation_id") WHERE "resolved_at" IS NULL;
CREATE INDEX "finding_policy" ON "finding" ("policy_id");

CREATE TABLE "finding_count" (
  "mesh_id" TEXT NOT NULL REFERENCES "mesh" ("id") ON DELETE CASCADE,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "error" INTEGER NOT NULL,
  "warning" INTEGER NOT NULL,
  "info" INTEGER NOT NULL,
  CONSTRAINT "finding_count_pkey" PRIMARY KEY ("mesh_id", "at")
);

CREATE TABLE "finding_suppression" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "mesh_id" TEXT NOT NULL REFERENCES "mesh" ("id") ON DELETE CASCADE,
  "code" TEXT NOT NULL,
  "resource" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "created_by" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expires_at" TIMESTAMPTZ(3),
  CONSTRAINT "finding_suppression_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "finding_suppression_mesh_id_idx" ON "finding_suppression" ("mesh_id");

CREATE TABLE "rule_setting" (
  "mesh_id" TEXT NOT NULL REFERENCES "mesh" ("id") ON DELETE CASCADE,
  "code" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "mode" TEXT NOT NULL,
  "updated_by" TEXT NOT NULL,
  "updated_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "rule_setting_pkey" PRIMARY KEY ("mesh_id", "code")
);

CREATE TABLE "mesh_diagnosis" (
  "mesh_id" TEXT NOT NULL REFERENCES "mesh" ("id") ON DELETE CASCADE,
  "organisation_id" TEXT NOT NULL,
  "seen" TEXT NOT NULL DEFAULT '',
  "requested_at" TIMESTAMPTZ(3),
  "ran_at" TIMESTAMPTZ(3),
  "duration_ms" INTEGER NOT NULL DEFAULT 0,
  "resources" INTEGER NOT NULL DEFAULT 0,
  "settings" INTEGER NOT NULL DEFAULT 0,
  "error" TEXT NOT NULL DEFAULT '',
  CONSTRAINT "mesh_diagnosis_pkey" PRIMARY KEY ("mesh_id")
);

DO $$
DECLARE name TEXT;
BEGIN
  FOREACH name IN ARRAY ARRAY['finding', 'finding_count', 'finding_suppression', 'rule_setting', 'mesh_diagnosis']
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO ambit_tenant', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY "tenant" ON %I TO ambit_tenant USING ("organisation_id" = current_setting(''ambit.organisation'', true))', name);
  END LOOP;
END $$;
