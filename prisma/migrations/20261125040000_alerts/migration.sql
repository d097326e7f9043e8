CREATE TABLE "alert_rule" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "enabled" BOOLEAN NOT NULL,
  "source" TEXT NOT NULL,
  "mesh_id" TEXT,
  "matchers" JSONB NOT NULL,
  "for_seconds" INTEGER NOT NULL,
  "keep_firing_seconds" INTEGER NOT NULL,
  "labels" JSONB NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "alert_rule_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "alert" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "fingerprint" TEXT NOT NULL,
  "rule_id" TEXT,
  "rule_name" TEXT NOT NULL,
  "source" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "mesh_id" TEXT,
  "state" TEXT NOT NULL,
  "severity" TEXT NOT NULL,
  "summary" TEXT NOT NULL,
  "description" TEXT NOT NULL,
  "labels" JSONB NOT NULL,
  "link" TEXT NOT NULL,
  "episode" INTEGER NOT NULL DEFAULT 1,
  "started_at" TIMESTAMPTZ(3) NOT NULL,
  "fired_at" TIMESTAMPTZ(3),
  "absent_since" TIMESTAMPTZ(3),
  "resolved_at" TIMESTAMPTZ(3),
  "acknowledgement" JSONB,
  "silence_id" TEXT,
  CONSTRAINT "alert_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "silence" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "matchers" JSONB NOT NULL,
  "reason" TEXT NOT NULL,
  "created_by" TEXT NOT NULL,
  "starts_at" TIMESTAMPTZ(3) NOT NULL,
  "ends_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "silence_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "alert_route" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "enabled" BOOLEAN NOT NULL,
  "matchers" JSONB NOT NULL,
  "group_by" JSONB NOT NULL,
  "group_wait_seconds" INTEGER NOT NULL,
  "group_interval_seconds" INTEGER NOT NULL,
  "repeat_interval_seconds" INTEGER NOT NULL,
  "send_resolved" BOOLEAN NOT NULL,
  "max_per_hour" INTEGER NOT NULL,
  "target" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "alert_route_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "alert_group" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "route_id" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "labels" JSONB NOT NULL,
  "told" JSONB NOT NULL DEFAULT '{}',
  "first_at" TIMESTAMPTZ(3) NOT NULL,
  "last_sent_at" TIMESTAMPTZ(3),
  CONSTRAINT "alert_group_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "alert_delivery" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "route_id" TEXT NOT NULL,
  "group_id" TEXT,
  "test" BOOLEAN NOT NULL DEFAULT false,
  "state" TEXT NOT NULL DEFAULT 'pending',
  "title" TEXT NOT NULL,
  "notification" JSONB NOT NULL,
  "attempt" INTEGER NOT NULL DEFAULT 0,
  "next_attempt_at" TIMESTAMPTZ(3),
  "lease_until" TIMESTAMPTZ(3),
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "delivered_at" TIMESTAMPTZ(3),
  CONSTRAINT "alert_delivery_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "alert_attempt" (
  "delivery_id" TEXT NOT NULL,
  "number" INTEGER NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "duration_ms" INTEGER NOT NULL DEFAULT 0,
  "outcome" TEXT NOT NULL,
  "status" INTEGER,
  "answer" TEXT NOT NULL DEFAULT '',
  CONSTRAINT "alert_attempt_pkey" PRIMARY KEY ("delivery_id", "number")
);

CREATE TABLE "alert_clock" (
  "organisation_id" TEXT NOT NULL,
  "next_look_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "alert_clock_pkey" PRIMARY KEY ("organisation_id")
);

CREATE UNIQUE INDEX "alert_rule_organisation_id_name_key" ON "alert_rule" ("organisation_id", "name");
CREATE UNIQUE INDEX "alert_organisation_id_fingerprint_key" ON "alert" ("organisation_id", "fingerprint");
CREATE INDEX "alert_organisation_id_state_idx" ON "alert" ("organisation_id", "state");
CREATE INDEX "silence_organisation_id_ends_at_idx" ON "silence" ("organisation_id", "ends_at");
CREATE UNIQUE INDEX "alert_route_organisation_id_name_key" ON "alert_route" ("organisation_id", "name");
CREATE UNIQUE INDEX "alert_group_route_id_key_key" ON "alert_group" ("route_id", "key");
CREATE INDEX "alert_delivery_organisation_id_route_id_idx" ON "alert_delivery" ("organisation_id", "route_id");

-- What the sweep asks every few seconds.
CREATE INDEX "alert_delivery_due" ON "alert_delivery" ("next_attempt_at") WHERE "state" = 'pending';
CREATE INDEX "alert_clock_due" ON "alert_clock" ("next_look_at");

ALTER TABLE "alert_group" ADD CONSTRAINT "alert_group_route_id_fkey" FOREIGN KEY ("route_id") REFERENCES "alert_route" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "alert_delivery" ADD CONSTRAINT "alert_delivery_route_id_fkey" FOREIGN KEY ("route_id") REFERENCES "alert_route" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "alert_attempt" ADD CONSTRAINT "alert_attempt_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "alert_delivery" ("id") ON DELETE CASCADE ON UPDATE CASCADE;

DO $$
DECLARE name TEXT;
BEGIN
  FOREACH name IN ARRAY ARRAY['alert_rule', 'alert', 'silence', 'alert_route', 'alert_group', 'alert_delivery', 'alert_attempt', 'alert_clock']
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO ambit_tenant', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY "tenant" ON %I TO ambit_tenant USING ("organisation_id" = current_setting(''ambit.organisation'', true))', name);
  END LOOP;
END $$;
