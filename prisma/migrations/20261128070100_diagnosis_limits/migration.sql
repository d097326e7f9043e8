-- What the last diagnosis could not look at, for causes that only it knows: who was asked and did not answer.
ALTER TABLE "mesh_diagnosis" ADD COLUMN "limits" TEXT[] NOT NULL DEFAULT '{}';
