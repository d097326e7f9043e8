CREATE TABLE "user" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "email" TEXT NOT NULL,
  "email_verified" BOOLEAN NOT NULL DEFAULT false,
  "image" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "session" (
  "id" TEXT NOT NULL,
  "token" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "ip_address" TEXT,
  "user_agent" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "account" (
  "id" TEXT NOT NULL,
  "account_id" TEXT NOT NULL,
  "provider_id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "access_token" TEXT,
  "refresh_token" TEXT,
  "id_token" TEXT,
  "access_token_expires_at" TIMESTAMPTZ(3),
  "refresh_token_expires_at" TIMESTAMPTZ(3),
  "scope" TEXT,
  "password" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "verification" (
  "id" TEXT NOT NULL,
  "identifier" TEXT NOT NULL,
  "value" TEXT NOT NULL,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "verification_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "organisation" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "organisation_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "member" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "role" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "member_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "invitation" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "email" TEXT NOT NULL,
  "role" TEXT NOT NULL,
  "token_hash" TEXT NOT NULL,
  "created_by" TEXT NOT NULL,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "accepted_at" TIMESTAMPTZ(3),
  "revoked_at" TIMESTAMPTZ(3),
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "invitation_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "api_token" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "role" TEXT NOT NULL,
  "hint" TEXT NOT NULL,
  "secret_hash" TEXT NOT NULL,
  "created_by" TEXT NOT NULL,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "last_used_at" TIMESTAMPTZ(3),
  "revoked_at" TIMESTAMPTZ(3),
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "project" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "description" TEXT NOT NULL DEFAULT '',
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "project_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "cluster" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "cluster_uid" TEXT,
  "join_token_hash" TEXT,
  "join_token_expires_at" TIMESTAMPTZ(3),
  "public_key" JSONB,
  "credential_epoch" INTEGER NOT NULL DEFAULT 0,
  "revoked_at" TIMESTAMPTZ(3),
  "registered_at" TIMESTAMPTZ(3),
  "last_seen_at" TIMESTAMPTZ(3),
  "report" JSONB,
  "report_boot_id" TEXT,
  "report_started_at" TIMESTAMPTZ(3),
  "report_seq" INTEGER NOT NULL DEFAULT -1,
  "inventory" JSONB,
  "inventory_at" TIMESTAMPTZ(3),
  "generation" INTEGER NOT NULL DEFAULT 0,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "cluster_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "mesh" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "project_id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "profile" TEXT NOT NULL,
  "release" TEXT NOT NULL,
  "active_release" TEXT,
  "options" JSONB NOT NULL,
  "conditions" JSONB NOT NULL DEFAULT '[]',
  "status" TEXT NOT NULL DEFAULT 'Waiting',
  "status_message" TEXT NOT NULL DEFAULT '',
  "last_ready" JSONB,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "mesh_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "mesh_cluster" (
  "cluster_id" TEXT NOT NULL,
  "mesh_id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  CONSTRAINT "mesh_cluster_pkey" PRIMARY KEY ("cluster_id")
);

CREATE TABLE "enrolment" (
  "mesh_id" TEXT NOT NULL,
  "cluster_id" TEXT NOT NULL,
  "namespace" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "mode" TEXT NOT NULL,
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "enrolment_pkey" PRIMARY KEY ("mesh_id", "cluster_id", "namespace")
);

CREATE TABLE "operation" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "state" TEXT NOT NULL DEFAULT 'pending',
  "reason" TEXT NOT NULL DEFAULT '',
  "message" TEXT NOT NULL DEFAULT '',
  "target_kind" TEXT NOT NULL,
  "target_id" TEXT NOT NULL,
  "target_name" TEXT NOT NULL,
  "actor" JSONB NOT NULL,
  "input" JSONB NOT NULL,
  "memory" JSONB NOT NULL DEFAULT '{}',
  "result" JSONB,
  "next_look_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "started_at" TIMESTAMPTZ(3),
  "finished_at" TIMESTAMPTZ(3),
  CONSTRAINT "operation_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "operation_step" (
  "operation_id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "position" INTEGER NOT NULL,
  "name" TEXT NOT NULL,
  "state" TEXT NOT NULL DEFAULT 'pending',
  "message" TEXT NOT NULL DEFAULT '',
  "started_at" TIMESTAMPTZ(3),
  "finished_at" TIMESTAMPTZ(3),
  CONSTRAINT "operation_step_pkey" PRIMARY KEY ("operation_id", "position")
);

CREATE TABLE "operation_log" (
  "id" BIGSERIAL NOT NULL,
  "operation_id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "step" TEXT NOT NULL,
  "level" TEXT NOT NULL,
  "cluster" TEXT NOT NULL DEFAULT '',
  "text" TEXT NOT NULL,
  CONSTRAINT "operation_log_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "blob" (
  "organisation_id" TEXT NOT NULL,
  "digest" TEXT NOT NULL,
  "size" INTEGER NOT NULL,
  "gzip" BYTEA NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "blob_pkey" PRIMARY KEY ("organisation_id", "digest")
);

CREATE TABLE "desired_bundle" (
  "cluster_id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "mesh_id" TEXT NOT NULL,
  "digest" TEXT NOT NULL,
  "order" INTEGER NOT NULL,
  "mode" TEXT NOT NULL DEFAULT 'present',
  "drift" TEXT NOT NULL DEFAULT 'repair',
  CONSTRAINT "desired_bundle_pkey" PRIMARY KEY ("cluster_id", "name")
);

CREATE TABLE "agent_action" (
  "id" TEXT NOT NULL,
  "cluster_id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "operation_id" TEXT,
  "kind" TEXT NOT NULL,
  "payload" JSONB NOT NULL,
  "state" TEXT NOT NULL DEFAULT 'pending',
  "message" TEXT NOT NULL DEFAULT '',
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "finished_at" TIMESTAMPTZ(3),
  CONSTRAINT "agent_action_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "policy" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "mesh_id" TEXT NOT NULL,
  "api_version" TEXT NOT NULL,
  "api_group" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "namespace" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "object" JSONB NOT NULL,
  "yaml" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "author" TEXT NOT NULL,
  "door" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "deleted_at" TIMESTAMPTZ(3),
  CONSTRAINT "policy_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "policy_version" (
  "policy_id" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "yaml" TEXT NOT NULL,
  "object" JSONB NOT NULL,
  "change" TEXT NOT NULL,
  "author" TEXT NOT NULL,
  "door" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "policy_version_pkey" PRIMARY KEY ("policy_id", "version")
);

CREATE TABLE "audit_entry" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "actor_kind" TEXT NOT NULL,
  "actor_id" TEXT NOT NULL,
  "actor_name" TEXT NOT NULL,
  "door" TEXT NOT NULL,
  "action" TEXT NOT NULL,
  "target" TEXT NOT NULL,
  "outcome" TEXT NOT NULL,
  "detail" JSONB NOT NULL,
  "request_id" TEXT NOT NULL,
  CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "outbox_entry" (
  "id" TEXT NOT NULL,
  "organisation_id" TEXT NOT NULL,
  "job" TEXT NOT NULL,
  "data" JSONB NOT NULL,
  "not_before" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "relayed_at" TIMESTAMPTZ(3),
  CONSTRAINT "outbox_entry_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "idempotency_key" (
  "organisation_id" TEXT NOT NULL,
  "actor_id" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "operation" TEXT NOT NULL,
  "input_hash" TEXT NOT NULL,
  "output" JSONB NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("organisation_id", "actor_id", "key")
);

CREATE TABLE "change_event" (
  "id" BIGSERIAL NOT NULL,
  "xid" BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
  "organisation_id" TEXT NOT NULL,
  "topic" TEXT NOT NULL,
  "resource_id" TEXT NOT NULL,
  "parent_id" TEXT,
  "change" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "change_event_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "platform_secret" (
  "name" TEXT NOT NULL,
  "value" JSONB NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "platform_secret_pkey" PRIMARY KEY ("name")
);

CREATE UNIQUE INDEX "user_email_key" ON "user" ("email");
CREATE UNIQUE INDEX "session_token_key" ON "session" ("token");
CREATE INDEX "session_user_id_idx" ON "session" ("user_id");
CREATE INDEX "account_user_id_idx" ON "account" ("user_id");
CREATE INDEX "verification_identifier_idx" ON "verification" ("identifier");
CREATE UNIQUE INDEX "member_organisation_id_user_id_key" ON "member" ("organisation_id", "user_id");
CREATE INDEX "member_user_id_idx" ON "member" ("user_id");
CREATE UNIQUE INDEX "invitation_token_hash_key" ON "invitation" ("token_hash");
CREATE INDEX "invitation_organisation_id_idx" ON "invitation" ("organisation_id");
CREATE UNIQUE INDEX "api_token_secret_hash_key" ON "api_token" ("secret_hash");
CREATE INDEX "api_token_organisation_id_idx" ON "api_token" ("organisation_id");
CREATE UNIQUE INDEX "project_organisation_id_name_key" ON "project" ("organisation_id", "name");
CREATE UNIQUE INDEX "cluster_cluster_uid_key" ON "cluster" ("cluster_uid");
CREATE UNIQUE INDEX "cluster_join_token_hash_key" ON "cluster" ("join_token_hash");
CREATE UNIQUE INDEX "cluster_organisation_id_name_key" ON "cluster" ("organisation_id", "name");
CREATE UNIQUE INDEX "mesh_organisation_id_name_key" ON "mesh" ("organisation_id", "name");
CREATE INDEX "mesh_cluster_mesh_id_idx" ON "mesh_cluster" ("mesh_id");
CREATE INDEX "operation_organisation_id_created_at_idx" ON "operation" ("organisation_id", "created_at");
CREATE INDEX "operation_target_id_idx" ON "operation" ("target_id");
CREATE INDEX "operation_log_operation_id_id_idx" ON "operation_log" ("operation_id", "id");
CREATE INDEX "desired_bundle_mesh_id_idx" ON "desired_bundle" ("mesh_id");
CREATE INDEX "agent_action_cluster_id_state_idx" ON "agent_action" ("cluster_id", "state");
CREATE UNIQUE INDEX "policy_mesh_id_api_group_kind_namespace_name_key" ON "policy" ("mesh_id", "api_group", "kind", "namespace", "name");
CREATE INDEX "audit_entry_organisation_id_at_idx" ON "audit_entry" ("organisation_id", "at");
CREATE INDEX "change_event_organisation_id_id_idx" ON "change_event" ("organisation_id", "id");

ALTER TABLE "member" ADD CONSTRAINT "member_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "member" ADD CONSTRAINT "member_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "project" ADD CONSTRAINT "project_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "cluster" ADD CONSTRAINT "cluster_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "mesh" ADD CONSTRAINT "mesh_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "mesh" ADD CONSTRAINT "mesh_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project" ("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "mesh_cluster" ADD CONSTRAINT "mesh_cluster_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "mesh_cluster" ADD CONSTRAINT "mesh_cluster_mesh_id_fkey" FOREIGN KEY ("mesh_id") REFERENCES "mesh" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "enrolment" ADD CONSTRAINT "enrolment_mesh_id_fkey" FOREIGN KEY ("mesh_id") REFERENCES "mesh" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "operation_step" ADD CONSTRAINT "operation_step_operation_id_fkey" FOREIGN KEY ("operation_id") REFERENCES "operation" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "operation_log" ADD CONSTRAINT "operation_log_operation_id_fkey" FOREIGN KEY ("operation_id") REFERENCES "operation" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "desired_bundle" ADD CONSTRAINT "desired_bundle_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "agent_action" ADD CONSTRAINT "agent_action_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "policy" ADD CONSTRAINT "policy_mesh_id_fkey" FOREIGN KEY ("mesh_id") REFERENCES "mesh" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "policy_version" ADD CONSTRAINT "policy_version_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policy" ("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE INDEX "outbox_entry_waiting" ON "outbox_entry" ("not_before") WHERE "relayed_at" IS NULL;
CREATE INDEX "operation_due" ON "operation" ("next_look_at") WHERE "finished_at" IS NULL;
CREATE UNIQUE INDEX "operation_one_per_target" ON "operation" ("target_id") WHERE "finished_at" IS NULL;

-- The second floor of tenancy: a tenant transaction runs as ambit_tenant with ambit.organisation set,
-- and sees and writes rows of that organisation only, whatever its queries say.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ambit_tenant') THEN
    CREATE ROLE ambit_tenant NOLOGIN NOBYPASSRLS;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
GRANT ambit_tenant TO CURRENT_USER;
GRANT USAGE ON SCHEMA public TO ambit_tenant;
GRANT SELECT ON "user" TO ambit_tenant;
GRANT SELECT, UPDATE ON "organisation" TO ambit_tenant;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ambit_tenant;
ALTER TABLE "organisation" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "organisation" TO ambit_tenant USING ("id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "member" TO ambit_tenant;
ALTER TABLE "member" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "member" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "invitation" TO ambit_tenant;
ALTER TABLE "invitation" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "invitation" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "api_token" TO ambit_tenant;
ALTER TABLE "api_token" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "api_token" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "project" TO ambit_tenant;
ALTER TABLE "project" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "project" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "cluster" TO ambit_tenant;
ALTER TABLE "cluster" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "cluster" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "mesh" TO ambit_tenant;
ALTER TABLE "mesh" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "mesh" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "mesh_cluster" TO ambit_tenant;
ALTER TABLE "mesh_cluster" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "mesh_cluster" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "enrolment" TO ambit_tenant;
ALTER TABLE "enrolment" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "enrolment" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "operation" TO ambit_tenant;
ALTER TABLE "operation" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "operation" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "operation_step" TO ambit_tenant;
ALTER TABLE "operation_step" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "operation_step" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "operation_log" TO ambit_tenant;
ALTER TABLE "operation_log" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "operation_log" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "blob" TO ambit_tenant;
ALTER TABLE "blob" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "blob" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "desired_bundle" TO ambit_tenant;
ALTER TABLE "desired_bundle" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "desired_bundle" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "agent_action" TO ambit_tenant;
ALTER TABLE "agent_action" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "agent_action" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "policy" TO ambit_tenant;
ALTER TABLE "policy" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "policy" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "policy_version" TO ambit_tenant;
ALTER TABLE "policy_version" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "policy_version" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT ON "audit_entry" TO ambit_tenant;
ALTER TABLE "audit_entry" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "audit_entry" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "outbox_entry" TO ambit_tenant;
ALTER TABLE "outbox_entry" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "outbox_entry" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "idempotency_key" TO ambit_tenant;
ALTER TABLE "idempotency_key" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "idempotency_key" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON "change_event" TO ambit_tenant;
ALTER TABLE "change_event" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "change_event" TO ambit_tenant USING ("organisation_id" = current_setting('ambit.organisation', true));

-- A user is seen by a tenant only as a member of it.
ALTER TABLE "user" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "user" FOR SELECT TO ambit_tenant USING (EXISTS (
  SELECT FROM "member" WHERE "member"."user_id" = "user"."id"
    AND "member"."organisation_id" = current_setting('ambit.organisation', true)));

-- Wakes relays, event streams and long polls after commit.
CREATE FUNCTION ambit_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'outbox_entry' THEN PERFORM pg_notify('ambit_outbox', '');
  ELSIF TG_TABLE_NAME = 'change_event' THEN PERFORM pg_notify('ambit_event', NEW.organisation_id);
  ELSIF NEW.generation <> OLD.generation THEN PERFORM pg_notify('ambit_desired', NEW.id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "notify" AFTER INSERT ON "outbox_entry" FOR EACH ROW EXECUTE FUNCTION ambit_notify();
CREATE TRIGGER "notify" AFTER INSERT ON "change_event" FOR EACH ROW EXECUTE FUNCTION ambit_notify();
CREATE TRIGGER "notify" AFTER UPDATE OF "generation" ON "cluster" FOR EACH ROW EXECUTE FUNCTION ambit_notify();
