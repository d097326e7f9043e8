-- The mesh's own Kubernetes API over the rows of its policies: one revision a mesh, one log entry a write.
ALTER TABLE "mesh" ADD COLUMN "revision" BIGINT NOT NULL DEFAULT 1;
ALTER TABLE "policy"
  ADD COLUMN "revision" BIGINT NOT NULL DEFAULT 1,
  ADD COLUMN "resource" TEXT,
  ADD COLUMN "auxiliary" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "kube" TEXT;
ALTER TABLE "policy_version"
  ADD COLUMN "mesh_id" TEXT,
  ADD COLUMN "revision" BIGINT,
  ADD COLUMN "kube" TEXT;
CREATE UNIQUE INDEX "policy_version_log" ON "policy_version" ("mesh_id", "revision");

-- Policies that are there already take the first revisions; the log of watches begins behind them.
UPDATE "policy" SET "revision" = numbered."n" + 1
FROM (SELECT "id", row_number() OVER (PARTITION BY "mesh_id" ORDER BY "updated_at", "id") AS "n" FROM "policy") AS numbered
WHERE "policy"."id" = numbered."id";
UPDATE "mesh" SET "revision" = 1 + (SELECT count(*) FROM "policy" WHERE "mesh_id" = "mesh"."id");

CREATE FUNCTION ambit_notify_mesh() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('ambit_mesh', NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER "notify_revision" AFTER UPDATE OF "revision" ON "mesh" FOR EACH ROW
  WHEN (NEW."revision" <> OLD."revision") EXECUTE FUNCTION ambit_notify_mesh();
