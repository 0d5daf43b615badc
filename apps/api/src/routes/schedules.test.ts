import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newBatchId } from "@darkroom/core";
import { Bus, Schedules, type ScheduleRun } from "@darkroom/ledger";
import { until } from "@darkroom/testkit";
import { json, testApi, type TestApi } from "../../test/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

async function recordRun(id: string, run: ScheduleRun): Promise<void> {
  const schedules = new Schedules(api.redis, api.settings.redis.namespace);
  const seen = await schedules.read(id);
  if (seen === undefined) throw new Error("there is no schedule");
  await schedules.handle(seen, { handledMs: Date.parse(run.at), run });
}

function nightly(change: Readonly<Record<string, unknown>> = {}, submission: Readonly<Record<string, unknown>> = {}) {
  return {
    id: "nightly",
    cron: "0 2 * * *",
    timeZone: "Europe/Berlin",
    submission: {
      source: api.folderUrl("in"),
      destination: `${api.folderUrl("out")}{date}/`,
      recipe: { preset: "professional-polish", mode: "max" },
      ...submission,
    },
    ...change,
  };
}

test("creates, shows, lists and deletes a schedule", async () => {
  const made = await api.call("/v1/schedules", json(nightly()));
  expect(made).toMatchObject({ status: 201, body: { id: "nightly", cron: "0 2 * * *", lastRun: null } });
  expect(made.headers.get("location")).toBe("/v1/schedules/nightly");
  const next = new Date(String(made.body["nextRunAt"]));
  expect(next.getTime()).toBeGreaterThan(Date.now());
  expect(next.toLocaleTimeString("en-GB", { timeZone: "Europe/Berlin" })).toBe("02:00:00");

  const { warnings: _, ...shown } = made.body;
  expect(await api.call("/v1/schedules/nightly")).toMatchObject({ status: 200, body: shown });
  expect((await api.call("/v1/schedules")).body).toMatchObject({ schedules: [{ id: "nightly" }] });
  const twice = await api.call("/v1/schedules", json(nightly()));
  expect(twice).toMatchObject({ status: 409, body: { field: "id" } });

  expect((await api.call("/v1/schedules/nightly", { method: "DELETE" })).status).toBe(204);
  expect((await api.call("/v1/schedules/nightly", { method: "DELETE" })).status).toBe(404);
  expect((await api.call("/v1/schedules")).body).toEqual({ schedules: [] });
});

test("generates an id", async () => {
  const { id: _, ...rest } = nightly();
  const { status, body } = await api.call("/v1/schedules", json(rest));
  expect(status).toBe(201);
  const id = String(body["id"]);
  expect(id).toMatch(/^schedule-/);
  expect((await api.call(`/v1/schedules/${id}`)).status).toBe(200);
  await api.call(`/v1/schedules/${id}`, { method: "DELETE" });
});

test("accepts a name for a schedule's times", async () => {
  const { status, body } = await api.call("/v1/schedules", json(nightly({ id: "daily", cron: "@daily" })));
  expect([status, body["cron"]]).toEqual([201, "@daily"]);
  await api.call("/v1/schedules/daily", { method: "DELETE" });
});

test.each([
  [{ cron: "61 2 * * *" }, {}, "cron"],
  [{ cron: "every night" }, {}, "cron"],
  [{ cron: "@reboot" }, {}, "cron"],
  [{ timeZone: "Mars/Olympus" }, {}, "timeZone"],
  [{ id: "Not A Slug" }, {}, "id"],
  [{ id: "a:b" }, {}, "id"],
  [{}, { source: undefined, rows: [{ source: "a.jpg" }] }, "submission.source"],
  [{}, { rows: [{ source: "a.jpg" }] }, "submission.rows"],
  [{}, { recipe: { preset: "professional-polish" } }, "submission.recipe.mode"],
  [{}, { recipe: { preset: "professional-polish", mode: "max", provider: "phota" } }, "submission.recipe.provider"],
  [{}, { destination: "out/{date}/" }, "submission.destination"],
  [{}, { destination: "s3://photos/out/{datum}/" }, "submission.destination"],
  [{}, { source: "in/" }, "submission.source"],
  [{}, { source: "s3://photos/in/", destination: "s3://photos/in/{date}/" }, "submission.destination"],
  [{}, { template: "portrait-{index}", destination: "file:///out/" }, "submission.template"],
  [{}, { template: "{name}-{ Index }.{ext}" }, "submission.template"],
  [
    {},
    {
      recipe: {
        preset: "professional-polish",
        mode: "max",
        output: { deliveries: [{ name: "website" }, { name: "linkedin", template: "{delivery}/{index}.{ext}" }] },
      },
    },
    "submission.recipe.output.deliveries.1.template",
  ],
])("rejects a schedule with %o %o", async (change, submission, field) => {
  const { status, body } = await api.call("/v1/schedules", json(nightly({ id: "wrong", ...change }, submission)));
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: "invalid_input", field });
  expect((await api.call("/v1/schedules/wrong")).status).toBe(404);
});

test.each([
  ["a folder that does not exist", "not-there/", [/not-there.* does not exist/]],
  ["a manifest that does not exist", "not-there.csv", [/not-there\.csv does not exist/]],
  ["a folder that exists", "", []],
])("creates a schedule over %s, with a warning if it is missing", async (_, name, warnings) => {
  const source = name === "" ? api.folderUrl("in") : `${api.folderUrl("in")}${name}`;
  if (name === "") await mkdir(fileURLToPath(source), { recursive: true });
  const { status, body } = await api.call("/v1/schedules", json(nightly({ id: "warned" }, { source })));
  expect(status).toBe(201);
  expect(body["warnings"]).toEqual(warnings.map((pattern) => expect.stringMatching(pattern) as string));
  await api.call("/v1/schedules/warned", { method: "DELETE" });
});

test("warns at once that a schedule's store cannot be read", async () => {
  const submission = { source: "s3://no-settings/raw/", destination: `${api.folderUrl("out")}{date}/` };
  const { status, body } = await api.call("/v1/schedules", json(nightly({ id: "unset" }, submission)));
  expect(status).toBe(201);
  expect(body["warnings"]).toEqual([
    expect.stringMatching(/^The source s3:\/\/no-settings\/raw\/ cannot be read now: .*Each run fails until it can\.$/),
  ]);
  await api.call("/v1/schedules/unset", { method: "DELETE" });
});

test("accepts a schedule whose names are the same in each run", async () => {
  const named = nightly({ id: "named" }, { template: "{path}-{id}.{ext}", destination: api.folderUrl("out") });
  expect((await api.call("/v1/schedules", json(named))).status).toBe(201);
  await api.call("/v1/schedules/named", { method: "DELETE" });
});

test("suggests an alternative to {index} in a schedule's template", async () => {
  const { body } = await api.call("/v1/schedules", json(nightly({}, { template: "portrait-{index}" })));
  expect(body["detail"]).toMatch(/^template: \{index\} starts again .* Use \{path\}, or \{id\}/);
});

test("rejects a schedule over a folder that is not allowed", async () => {
  const answer = await api.call("/v1/schedules", json(nightly({}, { destination: "file:///etc/{date}/" })));
  expect(answer).toMatchObject({ status: 403, body: { code: "storage_denied", field: "submission.destination" } });
});

test("runs a schedule now, and shows the result of its last run", async () => {
  const { namespace } = api.settings.redis;
  const told: unknown[] = [];
  const subscriber = api.redis.duplicate();
  const stop = await new Bus(api.redis, subscriber, namespace).onControl((message) => told.push(message));
  await api.call("/v1/schedules", json(nightly({ id: "now" })));
  const ordered = await api.call("/v1/schedules/now/run", { method: "POST" });
  expect(ordered).toMatchObject({ status: 202, body: { id: "now", batchId: expect.any(String), lastRun: null } });
  await until(() => told.length > 1, { what: "the message" });
  expect(told).toEqual([
    { type: "schedule-changed", schedule: "now" },
    { type: "schedule-changed", schedule: "now" },
  ]);
  await stop();
  subscriber.disconnect();

  const at = new Date().toISOString();
  const { id: batchId } = await api.batch(1, { id: String(ordered.body["batchId"]) });
  await recordRun("now", { at, batchId, outcome: "started" });
  expect((await api.call("/v1/schedules/now")).body).toMatchObject({ lastRun: { at, batchId, outcome: "running" } });
  await api.end(batchId, "completed");
  expect((await api.call("/v1/schedules/now")).body).toMatchObject({ lastRun: { outcome: "completed" } });
  await recordRun("now", { at, outcome: "skipped_overlap", message: "the run before still works" });
  expect((await api.call("/v1/schedules")).body).toMatchObject({
    schedules: [
      { id: "now", lastRun: { batchId: null, outcome: "skipped_overlap", message: "the run before still works" } },
    ],
  });
  const none = { batchId: null, outcome: "skipped_overlap", covers: 1, found: null, did: null, cost: null };
  const number = expect.any(Number) as number;
  const found = { portraits: number, unchanged: 0, leftOut: 0 };
  const did = { succeeded: 0, skipped: 0, failed: 0, cancelled: number };
  const cost = { costUsd: 0, lostUsd: 0, maybeUsd: 0 };
  expect((await api.call("/v1/schedules/now")).body).toMatchObject({
    lastRun: none,
    runs: [none, { at, batchId, outcome: "completed", covers: 1, found, did, cost }],
  });
  expect((await api.call("/v1/schedules/unknown/run", { method: "POST" })).status).toBe(404);
});

test("accepts one of two simultaneous run requests", async () => {
  await api.call("/v1/schedules", json(nightly({ id: "twice" })));
  const run = async () => await api.call("/v1/schedules/twice/run", { method: "POST" });
  const answers = (await Promise.all([run(), run(), run()])).toSorted((a, b) => a.status - b.status);
  expect(answers.map(({ status }) => status)).toEqual([202, 409, 409]);
  const accepted = String(answers[0]?.body["batchId"]);
  for (const { body } of answers.slice(1)) expect(body["detail"]).toContain(`batch ${accepted} of this schedule`);
});

test("rejects a run while another is starting or running, and names it", async () => {
  const schedules = new Schedules(api.redis, api.settings.redis.namespace);
  await api.call("/v1/schedules", json(nightly({ id: "busy" })));
  const run = async () => await api.call("/v1/schedules/busy/run", { method: "POST" });
  const batchId = newBatchId();
  const busy = await schedules.read("busy");
  if (busy === undefined) throw new Error("there is no schedule");
  await schedules.claimRun(busy, { batchId, at: Date.now(), dueMs: Date.now(), covers: 1 });
  expect((await api.call("/v1/schedules/busy")).body).not.toHaveProperty("claim");
  const starting = await run();
  expect(starting).toMatchObject({ status: 409, body: { code: "conflict" } });
  expect(starting.body["detail"]).toContain(`batch ${batchId} of this schedule is being started`);
  await api.batch(1, { id: batchId });
  const going = await run();
  expect(going.status).toBe(409);
  expect(going.body["detail"]).toContain(`batch ${batchId} of this schedule has not ended`);
  await api.end(batchId, "completed");
  expect((await run()).status).toBe(202);
});

test("shows the next five runs, also across the end of daylight-saving time", async () => {
  await api.call("/v1/schedules", json(nightly({ id: "next", cron: "0 2 28-31 3,10 *" })));
  const { body } = await api.call("/v1/schedules/next");
  const next = body["nextRuns"] as string[];
  expect(next).toHaveLength(5);
  expect(next.toSorted()).toEqual(next);
  expect(body["nextRunAt"]).toBe(next[0]);
  for (const at of next) {
    // On the day when clocks are set forward, two o'clock does not exist.
    expect(new Date(at).toLocaleTimeString("en-GB", { timeZone: "Europe/Berlin" })).toMatch(/^0[23]:00:00$/);
  }
});

test("pauses and resumes a schedule", async () => {
  await api.call("/v1/schedules", json(nightly({ id: "paused", overlap: "queue", missed: "once" })));
  const paused = await api.call("/v1/schedules/paused/pause", json({ reason: "holidays" }));
  const at = expect.any(String) as string;
  const shown = { overlap: "queue", missed: "once", paused: { at, reason: "holidays" }, nextRunAt: null, nextRuns: [] };
  expect(paused).toMatchObject({ status: 200, body: shown });
  expect(await api.call("/v1/schedules/paused/pause", { method: "POST" })).toMatchObject({ status: 200, body: shown });
  expect((await api.call("/v1/schedules")).body["schedules"]).toContainEqual(paused.body);
  const resumed = await api.call("/v1/schedules/paused/resume", { method: "POST" });
  expect(resumed).toMatchObject({ status: 200, body: { paused: null, nextRuns: expect.any(Array) as unknown } });
  expect(resumed.body["nextRunAt"]).not.toBeNull();
  expect((await api.call("/v1/schedules/paused/resume", { method: "POST" })).status).toBe(200);
  for (const order of ["pause", "resume"]) {
    expect((await api.call(`/v1/schedules/unknown/${order}`, { method: "POST" })).status).toBe(404);
  }
  expect((await api.call("/v1/schedules/paused/pause", json({ reason: "" }))).status).toBe(400);
});

test.each([{ overlap: "wait" }, { missed: "all" }])("rejects %o", async (change) => {
  const { status, body } = await api.call("/v1/schedules", json(nightly({ id: "policy", ...change })));
  expect(status).toBe(400);
  expect(body["field"]).toBe(Object.keys(change)[0]);
});

test("reports why the batch of a schedule is stuck", async () => {
  await api.call("/v1/schedules", json(nightly({ id: "stuck" })));
  const { body } = await api.call("/v1/schedules/stuck/run", { method: "POST" });
  const batchId = String(body["batchId"]);
  expect((await api.call("/v1/schedules/stuck")).body["stuck"]).toBeNull();
  await api.batch(1, { id: batchId });
  const stuck = async () => (await api.call("/v1/schedules/stuck")).body["stuck"];
  expect(await stuck()).toMatchObject({
    batchId,
    reason: "unattended",
    message: expect.stringMatching(/no .*worker/) as string,
  });
  await api.call(`/v1/batches/${batchId}/pause`, json({ reason: "the colours are wrong" }));
  expect(await stuck()).toEqual({ batchId, reason: "paused", message: "the colours are wrong" });
  await api.end(batchId, "completed");
  expect(await stuck()).toBeNull();
});

test("a deleted schedule's requested run creates no batch", async () => {
  await api.call("/v1/schedules", json(nightly({ id: "gone" })));
  const { body } = await api.call("/v1/schedules/gone/run", { method: "POST" });
  expect((await api.call("/v1/schedules/gone", { method: "DELETE" })).status).toBe(204);
  const { id } = await api.batch(1, { id: String(body["batchId"]) });
  expect(await api.ledger.read(id)).toBeUndefined();
});

test("creates one of several simultaneous schedules with the same id, with its own timer", async () => {
  const hours = [1, 2, 3, 4, 5, 6, 7, 8];
  const send = (hour: number) => api.call("/v1/schedules", json(nightly({ id: "race", cron: `0 ${hour} * * *` })));
  const answers = await Promise.all(hours.map(send));
  const made = answers.flatMap(({ status }, place) => (status === 201 ? [hours[place]] : []));
  expect(made).toHaveLength(1);
  for (const { status } of answers) expect([201, 409]).toContain(status);
  const { body } = await api.call("/v1/schedules/race");
  expect(body["cron"]).toBe(`0 ${made[0]} * * *`);
  const next = new Date(String(body["nextRunAt"]));
  expect(next.toLocaleTimeString("en-GB", { timeZone: "Europe/Berlin" })).toBe(`0${made[0]}:00:00`);
});
