-- Whether the rules of a mesh hold for writes in its clusters too: off, warn or deny.
ALTER TABLE "mesh" ADD COLUMN "cluster_admission" TEXT NOT NULL DEFAULT 'off';
