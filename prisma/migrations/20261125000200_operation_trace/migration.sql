-- The trace of the request that began an operation: its jobs and the agent's calls continue it (W3C traceparent).
ALTER TABLE "operation" ADD COLUMN "traceparent" TEXT;
