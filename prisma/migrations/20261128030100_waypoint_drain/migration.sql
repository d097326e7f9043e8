-- Pools that drain for less than five seconds: the times after it stay in their order.
UPDATE "waypoint_pool" SET "spec" = jsonb_set("spec", '{drain}', jsonb_build_object(
  'drainS', 5,
  'terminationS', greatest(("spec" #>> '{drain,terminationS}')::int, 6),
  'graceS', greatest(("spec" #>> '{drain,graceS}')::int, 7, ("spec" #>> '{drain,terminationS}')::int + 1)))
WHERE ("spec" #>> '{drain,drainS}')::int < 5;
