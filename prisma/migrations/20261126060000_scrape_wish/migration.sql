-- Whether an agent scrapes comes with its reads (packages/services/src/agent-reads/scrape.ts): what may change that wakes
-- its poll, as a read that is asked of it does.
CREATE FUNCTION ambit_wake_reader() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'mesh_cluster' THEN
    PERFORM pg_notify('ambit_read', coalesce(NEW.cluster_id, OLD.cluster_id));
  ELSIF TG_TABLE_NAME = 'mesh' THEN
    PERFORM pg_notify('ambit_read', cluster_id) FROM mesh_cluster WHERE mesh_id = NEW.id;
  ELSE
    PERFORM pg_notify('ambit_read', reader.cluster_id) FROM agent_reader AS reader
      LEFT JOIN mesh_cluster USING (cluster_id)
      WHERE coalesce(NEW.kind, OLD.kind) = 'prometheus'
        AND reader.organisation_id = coalesce(NEW.organisation_id, OLD.organisation_id) AND (
        reader.cluster_id IN (NEW.cluster_id, OLD.cluster_id)
        OR mesh_cluster.mesh_id IN (NEW.mesh_id, OLD.mesh_id)
        OR (TG_OP <> 'DELETE' AND NEW.cluster_id IS NULL AND NEW.mesh_id IS NULL)
        OR (TG_OP <> 'INSERT' AND OLD.cluster_id IS NULL AND OLD.mesh_id IS NULL));
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER "wake_reader" AFTER INSERT OR DELETE OR UPDATE OF "mesh_id" ON "mesh_cluster"
  FOR EACH ROW EXECUTE FUNCTION ambit_wake_reader();
CREATE TRIGGER "wake_reader" AFTER UPDATE OF "options" ON "mesh"
  FOR EACH ROW WHEN (OLD.options ->> 'telemetry' IS DISTINCT FROM NEW.options ->> 'telemetry')
  EXECUTE FUNCTION ambit_wake_reader();
CREATE TRIGGER "wake_reader" AFTER INSERT OR DELETE OR UPDATE OF "cluster_id", "mesh_id" ON "integration"
  FOR EACH ROW EXECUTE FUNCTION ambit_wake_reader();
