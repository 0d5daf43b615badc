import { afterEach, expect, it } from "vitest";
import { startEngine, type Engine } from "../kit/engine.ts";
import { runCommand, stopCommands } from "@darkroom/cli/test-command";

let engine: Engine;
afterEach(async () => {
  await stopCommands();
  await engine.close();
});

const RECIPE = ["--preset", "professional-polish", "--mode", "eco", "--twin", "--json"];

it("accepts s3:// on both sides for a prefix, a CSV and a JSONL, and pays once", { timeout: 120_000 }, async () => {
  engine = await startEngine({ store: "s3", workers: 0, producer: false });
  await engine.addPhotos(4);
  await engine.source.put("team.csv", Buffer.from("\uFEFFsource;id\r\np00000.jpg;ada\r\np00001.jpg;bob\r\n"));
  await engine.source.put(
    "team.jsonl",
    Buffer.from('{"source":"p00002.jpg","id":"cy"}\n{"source":"nope.jpg","id":"dee"}\n'),
  );
  const env = Object.fromEntries(
    Object.entries(engine.env).filter(
      ([name]) => name.startsWith("AWS_") || name === "REDIS_URL" || name === "DARKROOM_NAMESPACE",
    ),
  );
  const enhance = async (source: string, destination: string) => {
    const { code, out, err } = await runCommand(["enhance", source, destination, ...RECIPE], {
      cwd: process.cwd(),
      env,
    });
    const lines = out.trim().split("\n");
    expect(lines, err).toHaveLength(1);
    return {
      code,
      line: JSON.parse(lines[0] ?? "") as { state: string; counts: Record<string, number>; report: string },
    };
  };
  const prefix = await enhance(`${engine.root}in/`, `${engine.root}a/`);
  expect(prefix).toMatchObject({ code: 0, line: { state: "completed", counts: { total: 4, succeeded: 4 } } });
  expect(prefix.line.report).toMatch(/^s3:\/\/.*\/report\.csv$/);
  expect(await enhance(`${engine.root}in/`, `${engine.root}a/`)).toMatchObject({
    code: 0,
    line: { counts: { skipped: 4 } },
  });
  expect(await enhance(`${engine.root}in/team.csv`, `${engine.root}b/`)).toMatchObject({
    code: 0,
    line: { counts: { succeeded: 2 } },
  });
  expect(await enhance(`${engine.root}in/team.jsonl`, `${engine.root}c/`)).toMatchObject({
    code: 3,
    line: { state: "completed_with_failures", counts: { succeeded: 1, failed: 1 } },
  });
  const keys: string[] = [];
  for await (const { key } of engine.openStore(engine.root).list()) keys.push(key);
  expect(keys).toEqual(expect.arrayContaining(["a/p00000.jpg", "b/p00001.jpg", "c/p00002.jpg"]));
});
