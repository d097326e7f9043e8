-- Members and tokens may be limited to namespaces and verbs of meshes; null: as far as the role goes.
ALTER TABLE "member" ADD COLUMN "limits" JSONB;
ALTER TABLE "api_token" ADD COLUMN "limits" JSONB;

-- Which client wrote, beside the door it came through.
ALTER TABLE "policy" ADD COLUMN "manager" TEXT NOT NULL DEFAULT '';
ALTER TABLE "policy_version" ADD COLUMN "manager" TEXT NOT NULL DEFAULT '';

-- Finalizers that the deletion of an object waits for; null while nobody asked for its deletion.
ALTER TABLE "policy" ADD COLUMN "finalizers" JSONB;

-- Writes that leave the wish as it is (status, bookkeeping) stand in the log of watches, and are no versions:
-- several entries of the log may share a version.
UPDATE "policy_version" SET "revision" = 0 WHERE "revision" IS NULL;
ALTER TABLE "policy_version" ALTER COLUMN "revision" SET DEFAULT 0, ALTER COLUMN "revision" SET NOT NULL;
ALTER TABLE "policy_version" DROP CONSTRAINT "policy_version_pkey";
ALTER TABLE "policy_version" ADD CONSTRAINT "policy_version_pkey" PRIMARY KEY ("policy_id", "version", "revision");
