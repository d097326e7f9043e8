ALTER TABLE "mesh" ADD COLUMN "observed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now();
ALTER TABLE "policy" ADD COLUMN "delivered_version" INTEGER NOT NULL DEFAULT 0;

-- What the sweep asks every few seconds.
CREATE INDEX "mesh_observed_at" ON "mesh" ("observed_at");
CREATE INDEX "policy_to_deliver" ON "policy" ("mesh_id") WHERE "delivered_version" <> "version";
