-- What was counted over an objective's long windows, so that a look need not read all of them.
ALTER TABLE "objective" ADD COLUMN "sums" JSONB, ADD COLUMN "summed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT 'epoch';
