import { expect, it } from "vitest";
import { until } from "@darkroom/testkit";
import { runProgram } from "../program.ts";
import { sendJson, startTestApi } from "../test-kit/test-api.ts";
import { testStatus } from "../test-kit/test-status.ts";
import { testStreams } from "../test-kit/test-streams.ts";

const ENDED = testStatus({ succeeded: 4 }, { state: "completed" });

interface CleanOptions {
  readonly isTTY?: boolean;
  readonly args?: readonly string[];
  /** Typed at the question. */
  readonly keys?: string;
}

async function clean({ isTTY = false, args = [], keys }: CleanOptions) {
  await using api = await startTestApi(({ method }, response) =>
    sendJson(response, method === "DELETE" ? { id: ENDED.id, files: 3, bytes: 2_000 } : ENDED),
  );
  const streams = testStreams({ isTTY });
  const variables = { DARKROOM_API_URL: api.url };
  const ended = runProgram(["clean", ENDED.id, ...args], { variables, cwd: "/nowhere", streams });
  if (keys !== undefined) {
    await until(() => streams.err().includes("Delete its working files under"), { what: "the question" });
    (streams.stdin as unknown as { write(text: string): void }).write(keys);
  }
  const code = await ended;
  const orders = api.asked.filter(({ method }) => method === "DELETE").map(({ url }) => url.replace(/.*\//, ""));
  return { code, orders, out: streams.out(), err: streams.err() };
}

it("lists what is deleted and what is kept, and deletes after a yes", async () => {
  const { code, orders, out, err } = await clean({ isTTY: true, keys: "y" });
  expect({ code, orders }).toEqual({ code: 0, orders: [`${ENDED.id}?report=keep`] });
  expect(err).toContain(`s3://b/out/_darkroom/${ENDED.id}/`);
  expect(err).toContain("Its report stays.");
  expect(out).toContain("3 working files (2 kB) of it are deleted. Its results stay in s3://b/out/");
});

it("reports that a list of the results' names is kept", async () => {
  const { out } = await clean({ args: ["--yes", "--report"] });
  expect(out).toContain(`a list of the results' names stay in s3://b/out/_darkroom/${ENDED.id}/`);
});

it("deletes nothing after a no", async () => {
  const { code, orders, out } = await clean({ isTTY: true, keys: "n", args: ["--report"] });
  expect({ code, orders }).toEqual({ code: 0, orders: [] });
  expect(out).toContain("is unchanged");
});

it("deletes nothing without a terminal to ask at", async () => {
  const { code, orders, err } = await clean({});
  expect({ code, orders }).toEqual({ code: 2, orders: [] });
  expect(err).toContain("add --yes");
});

it("asks nothing with --yes, and deletes the report if requested", async () => {
  const { code, orders, out } = await clean({ args: ["--yes", "--report", "--json"] });
  expect({ code, orders }).toEqual({ code: 0, orders: [`${ENDED.id}?report=delete`] });
  expect(JSON.parse(out)).toEqual({ id: ENDED.id, files: 3, bytes: 2_000 });
});
