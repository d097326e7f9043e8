-- How many days before its end a certificate is told as expiring soon.
ALTER TABLE "mesh_diagnosis" ADD COLUMN "certificate_days" INTEGER NOT NULL DEFAULT 30;
