-- Agents of older versions tell none of these kinds, and do not say so: nothing is the safe beginning.
ALTER TABLE "cluster" ADD COLUMN "objects_told" JSONB NOT NULL DEFAULT '[]';
