import { startRedis } from "@darkroom/testkit";
import { expect, it } from "vitest";
import { startEngine } from "../kit/engine.ts";

it("the permissions named in docs/operations.md suffice for a batch", { timeout: 60_000 }, async () => {
  // The tests' namespaces begin with a t.
  const rights = ["~t*", "~{t*", "&t*", "+@all", "-@dangerous", "+info", "+config|get"];
  await using redis = await startRedis({ settings: ["--user", "darkroom", "on", ">secret", ...rights] });
  const { host } = new URL(redis.url);
  const engine = await startEngine({ redisUrl: `redis://darkroom:secret@${host}` });
  try {
    await engine.addPhotos(20);
    const record = await engine.ended(await engine.submit());
    expect(record.counts).toMatchObject({ total: 20, succeeded: 20 });
    expect(await engine.redis.call("ACL", "WHOAMI")).toBe("darkroom");
    await expect(engine.redis.get("elsewhere")).rejects.toThrow("NOPERM");
  } finally {
    await engine.close();
  }
});
