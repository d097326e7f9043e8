-- Enrolments of the older verb stay readable as what took its place; one that was under way is begun anew by whoever wants it.
UPDATE "operation" SET
  "type" = 'enrolment.change',
  "input" = "input" || jsonb_build_object('words', 'Enrol ' || coalesce("input" ->> 'namespace', '')),
  "message" = CASE WHEN "state" IN ('succeeded', 'cancelled') THEN "message"
    ELSE 'It was begun before an update of Ambit, and was not finished. Begin it anew under Enrolment.' END,
  "finished_at" = coalesce("finished_at", now()),
  "state" = CASE WHEN "state" = 'succeeded' THEN 'succeeded' ELSE 'cancelled' END
WHERE "type" = 'mesh.enrol';
