-- Events are read in the order of their transactions, so that a late commit is never behind a reader's cursor.
DROP INDEX "change_event_organisation_id_id_idx";
CREATE INDEX "change_event_organisation_id_xid_id_idx" ON "change_event" ("organisation_id", "xid", "id");
CREATE INDEX "change_event_at_idx" ON "change_event" ("at");
