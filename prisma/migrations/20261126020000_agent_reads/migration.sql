-- Reads through agents (docs/adr/0014): what is asked of an agent now, and the chunks of answers that nobody took yet.
-- Unlogged: all of it is over within a minute, and a Postgres that fell has nobody left who waits for it.
-- They are read and written in SQL only (packages/services/src/agent-reads).
CREATE UNLOGGED TABLE "agent_read" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "cluster_id" TEXT NOT NULL REFERENCES "cluster" ("id") ON DELETE CASCADE,
  -- The read, sealed: it may carry what opens a Prometheus.
  "read" TEXT NOT NULL,
  "max_bytes" INTEGER NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  -- When an agent was given it last.
  "given_at" TIMESTAMPTZ(3),
  -- Chunks that came, and bytes of them.
  "told" INTEGER NOT NULL DEFAULT 0,
  "bytes" BIGINT NOT NULL DEFAULT 0,
  "ended" BOOLEAN NOT NULL DEFAULT false,
  "status" INTEGER,
  "failure" JSONB,
  CONSTRAINT "agent_read_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "agent_read_asked" ON "agent_read" ("cluster_id") WHERE "told" = 0 AND NOT "ended";

CREATE UNLOGGED TABLE "agent_read_chunk" (
  "read_id" TEXT NOT NULL REFERENCES "agent_read" ("id") ON DELETE CASCADE,
  "seq" INTEGER NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "bytes" BYTEA NOT NULL,
  CONSTRAINT "agent_read_chunk_pkey" PRIMARY KEY ("read_id", "seq")
);
-- Packed already.
ALTER TABLE "agent_read_chunk" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;

-- Until when the agent of a cluster holds its poll for reads: without it nobody needs to wait for an agent that is away.
CREATE UNLOGGED TABLE "agent_reader" (
  "cluster_id" TEXT NOT NULL REFERENCES "cluster" ("id") ON DELETE CASCADE,
  "organisation_id" TEXT NOT NULL,
  "polls_until" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "agent_reader_pkey" PRIMARY KEY ("cluster_id")
);

DO $$
DECLARE name TEXT;
BEGIN
  FOREACH name IN ARRAY ARRAY['agent_read', 'agent_read_chunk', 'agent_reader']
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO ambit_tenant', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY "tenant" ON %I TO ambit_tenant USING ("organisation_id" = current_setting(''ambit.organisation'', true))', name);
  END LOOP;
END $$;
