-- Up to where statuses of member clusters were written into the mesh's objects; the sweep goes by it.
ALTER TABLE "mesh" ADD COLUMN "reflected_at" TIMESTAMPTZ(3) NOT NULL DEFAULT 'epoch';
CREATE INDEX "cluster_object_told" ON "cluster_object" ("cluster_id", "updated_at") WHERE "origin" = 'mesh';
