-- The first statement of a write to the mesh's Kubernetes API whose statements are all sent at once: the tenant's role,
-- the mesh's row locked, and an error that ends the transaction when the mesh is not as the writer knows it.
-- AM001: it is at another revision. AM002: it is being deleted (DETAIL: the operation). AM003: there is none.
CREATE FUNCTION ambit_begin_write(organisation text, mesh text, expected bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  present record;
BEGIN
  PERFORM set_config('role', 'ambit_tenant', true), set_config('ambit.organisation', organisation, true);
  SELECT m.name, m.revision, (SELECT o.id FROM operation o WHERE o.target_id = m.id AND o.finished_at IS NULL
    AND o.type = 'mesh.delete' LIMIT 1) AS deleting
  INTO present FROM mesh m WHERE m.id = ambit_begin_write.mesh FOR NO KEY UPDATE OF m;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no mesh %', mesh USING ERRCODE = 'AM003';
  ELSIF present.deleting IS NOT NULL THEN
    RAISE EXCEPTION '% is being deleted (%)', present.name, present.deleting USING ERRCODE = 'AM002';
  ELSIF present.revision <> expected THEN
    RAISE EXCEPTION 'the mesh is at revision %, not %', present.revision, expected USING ERRCODE = 'AM001';
  END IF;
END $$;

-- Who follows a mesh is told how far it came, and needs not look when it is there already.
CREATE OR REPLACE FUNCTION ambit_notify_mesh() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('ambit_mesh', NEW.id || ' ' || NEW.revision);
  RETURN NULL;
END $$;
