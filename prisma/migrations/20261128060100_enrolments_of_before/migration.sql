-- Enrolments of the older verb stay readable as what took its place; one that was under way is begun anew by whoever wants it.
UPDATE "operation_step" SET "state" = 'cancelled', "finished_at" = coalesce("finished_at", now())
WHERE "state" IN ('pending', 'running')
  AND "operation_id" IN (SELECT "id" FROM "operation" WHERE "type" = 'mesh.enrol' AND "finished_at" IS NULL);
UPDATE "operation" SET
  "type" = 'enrolment.change',
  "input" = "input" || jsonb_build_object('words', CASE WHEN "input" ->> 'mode' = 'none'
    THEN 'Take ' || coalesce("input" ->> 'namespace', '') || ' out of the mesh'
    ELSE 'Enrol ' || coalesce("input" ->> 'namespace', '') END),
  "state" = CASE WHEN "finished_at" IS NULL THEN 'cancelled' ELSE "state" END,
  "reason" = CASE WHEN "finished_at" IS NULL THEN 'Updated' ELSE "reason" END,
  "message" = CASE WHEN "finished_at" IS NULL
    THEN 'It was begun before an update of Ambit, and was not finished. Begin it anew under Enrolment.' ELSE "message" END,
  "finished_at" = coalesce("finished_at", now())
WHERE "type" = 'mesh.enrol';
