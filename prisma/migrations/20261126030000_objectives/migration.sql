ALTER TABLE "alert_rule" ADD COLUMN "signal" JSONB;
ALTER TABLE "alert" ADD COLUMN "unknown_since" TIMESTAMPTZ(3);
ALTER TABLE "alert" ADD COLUMN "unknown_reason" TEXT NOT NULL DEFAULT '';

CREATE TABLE "objective" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "mesh_id" TEXT NOT NULL REFERENCES "mesh" ("id") ON DELETE CASCADE,
  "name" TEXT NOT NULL,
  "description" TEXT NOT NULL,
  "alerting" BOOLEAN NOT NULL,
  "subject" JSONB NOT NULL,
  "kind" TEXT NOT NULL,
  "threshold_ms" DOUBLE PRECISION,
  "target" DOUBLE PRECISION NOT NULL,
  "period_days" INTEGER NOT NULL,
  "status" JSONB,
  "told_at" TIMESTAMPTZ(3),
  "rolled_at" TIMESTAMPTZ(3) NOT NULL DEFAULT 'epoch',
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "objective_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "objective_mesh_id_name_key" ON "objective" ("mesh_id", "name");
CREATE INDEX "objective_organisation_id_idx" ON "objective" ("organisation_id");

-- Stretches of time that somebody told of; what lies between them is a gap.
CREATE TABLE "objective_stretch" (
  "objective_id" TEXT NOT NULL REFERENCES "objective" ("id") ON DELETE CASCADE,
  "from_at" TIMESTAMPTZ(3) NOT NULL,
  "to_at" TIMESTAMPTZ(3) NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "covered_ms" DOUBLE PRECISION NOT NULL,
  "good" DOUBLE PRECISION NOT NULL,
  "total" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "objective_stretch_pkey" PRIMARY KEY ("objective_id", "from_at")
);

-- What a rule on signals saw when it looked at a mesh last.
CREATE TABLE "alert_look" (
  "rule_id" TEXT NOT NULL REFERENCES "alert_rule" ("id") ON DELETE CASCADE,
  "mesh_id" TEXT NOT NULL REFERENCES "mesh" ("id") ON DELETE CASCADE,
  "organisation_id" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "rule_version" INTEGER NOT NULL,
  "state" TEXT NOT NULL,
  "message" TEXT NOT NULL,
  "holds" JSONB NOT NULL,
  "unknown" JSONB,
  "memory" JSONB NOT NULL,
  CONSTRAINT "alert_look_pkey" PRIMARY KEY ("rule_id", "mesh_id")
);

CREATE TABLE "mesh_signal" (
  "mesh_id" TEXT NOT NULL REFERENCES "mesh" ("id") ON DELETE CASCADE,
  "organisation_id" TEXT NOT NULL,
  "looked_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "mesh_signal_pkey" PRIMARY KEY ("mesh_id")
);

DO $$
DECLARE name TEXT;
BEGIN
  FOREACH name IN ARRAY ARRAY['objective', 'objective_stretch', 'alert_look', 'mesh_signal']
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO ambit_tenant', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY "tenant" ON %I TO ambit_tenant USING ("organisation_id" = current_setting(''ambit.organisation'', true))', name);
  END LOOP;
END $$;
