-- What speaks against proxies, kept beside them: nobody looks through all of them to find out whether it changed.
-- Empty until the agents tell of their proxies again, within a minute.
ALTER TABLE "telemetry_source" ADD COLUMN "faults" JSONB NOT NULL DEFAULT '[]';
