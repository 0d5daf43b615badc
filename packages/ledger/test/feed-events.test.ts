import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  DEATHS_THAT_PAUSE,
  FEED_EVENTS,
  FEED_EVENT_TYPES,
  feedEventSchema,
  resolveRecipe,
  type BatchState,
  type FeedEvent,
} from "@darkroom/core";
import { BatchRestore, FEED_START, type BatchRecord } from "../src/index.ts";
import { batchLedgerKeys } from "../src/keys.ts";
import { diagram } from "./diagram.ts";
import { batchSpec, emptyRestore, openLedger, outcome, rejectedLine } from "./open-ledger.ts";

const { ledger, redis, namespace, close } = openLedger();
afterAll(close);

const { control } = ledger;
const ROUND = { at: 1, codes: ["timeout" as const], recipe: resolveRecipe({ preset: "skin-smoothing", mode: "eco" }) };
const FALLBACK = { lane: "phota", provider: "phota", afterMinutes: 10 } as const;

async function read(id: string): Promise<BatchRecord | undefined> {
  return await ledger.read(id);
}

async function eventsOf(id: string): Promise<readonly FeedEvent[]> {
  return (await ledger.feed.batches.read(id, FEED_START, 1_000)).events.map(({ event }) => event);
}

async function ingest(id: string, rows: number, rejected: readonly number[] = []): Promise<boolean> {
  const fence = await ledger.beginIngest(id);
  return await ledger.countPart(id, { fence, part: 0, rows, rejected: rejected.map(rejectedLine), end: {} });
}

async function settle(id: string, index: number, code: "ok" | "timeout"): Promise<void> {
  await ledger.claims.claim(id, index, `t/${index}`);
  await ledger.claims.settle(id, index, `t/${index}`, outcome(code));
}

/** Completes a running batch of two portraits. */
async function finish(id: string, code: "ok" | "timeout", state: "completed" | "completed_with_failures") {
  for (const index of [0, 1]) await settle(id, index, code);
  await ledger.beginFinish(id);
  await ledger.endBatch(id, 0, state);
}

async function cancelled(id: string): Promise<void> {
  await control.cancel(id, "wrong photos");
  await ledger.beginFinish(id);
  await ledger.endBatch(id, 0, "cancelled", { reason: "wrong photos" });
}

type Spec = Parameters<typeof batchSpec>[0];

interface Row {
  readonly what: string;
  readonly spec?: Spec;
  /** Brings an ingesting batch to the state before the action. */
  readonly before?: (id: string) => Promise<unknown>;
  readonly action: (id: string) => Promise<unknown>;
  /** The events of the action's first run. */
  readonly events: readonly (readonly [type: FeedEvent["type"], data?: object])[];
  readonly to: BatchState;
}

const running = async (id: string): Promise<unknown> => await ingest(id, 2);
const stopped = ["batch.stopped", { reason: "wrong photos", code: "cancelled" }] as const;
const ROWS: readonly Row[] = [
  {
    what: "a source is read",
    action: (id) => ingest(id, 3, [1]),
    events: [["batch.source_read", { portraits: 3, invalid: 1 }]],
    to: "running",
  },
  {
    what: "a source is read, and the batch must be confirmed",
    spec: { control: { confirm: true } },
    action: running,
    events: [["batch.source_read", { portraits: 2, invalid: 0 }], ["batch.awaiting_confirmation"]],
    to: "awaiting_confirmation",
  },
  {
    what: "a user confirms",
    spec: { control: { confirm: true } },
    before: running,
    action: (id) => control.confirm(id),
    events: [["batch.confirmed"]],
    to: "running",
  },
  {
    what: "a worker claims the first portrait",
    before: running,
    action: (id) => ledger.claims.claim(id, 0, "t/0"),
    events: [["batch.started"]],
    to: "running",
  },
  {
    what: "a portrait fails",
    before: (id) => running(id).then(() => ledger.claims.claim(id, 0, "t/0")),
    action: (id) => ledger.claims.settle(id, 0, "t/0", outcome("timeout", { billed: "maybe" })),
    events: [["portrait.failed", { index: 0, code: "timeout", billed: "maybe" }]],
    to: "running",
  },
  {
    what: "a portrait succeeds",
    before: (id) => running(id).then(() => ledger.claims.claim(id, 0, "t/0")),
    action: (id) => ledger.claims.settle(id, 0, "t/0", outcome("ok")),
    events: [],
    to: "running",
  },
  {
    what: "a person decides about a result",
    before: (id) => running(id).then(() => settle(id, 0, "ok")),
    action: (id) => {
      const from = { state: "undecided", line: 0 } as const;
      const change = { result: { index: 0, mark: "m" }, from, to: "rejected" } as const;
      return ledger.reviews.record(id, { at: 1, by: "k", order: "reject", note: "too dark" }, [change]);
    },
    events: [["batch.reviewed", { revision: 1, by: "k", order: "reject", note: "too dark", rejected: "0" }]],
    to: "running",
  },
  {
    what: "the pilot ends",
    spec: { control: { pilot: 1 } },
    before: async (id) => {
      await ingest(id, 2);
      await control.choosePilot(id, [0]);
      await settle(id, 0, "ok");
    },
    action: (id) => control.endPilot(id),
    events: [["batch.awaiting_approval"]],
    to: "awaiting_approval",
  },
  {
    what: "a user approves",
    spec: { control: { pilot: 1 } },
    before: async (id) => {
      await ingest(id, 2);
      await control.choosePilot(id, [0]);
      await settle(id, 0, "ok");
      await control.endPilot(id);
    },
    action: (id) => control.approve(id),
    events: [["batch.approved"]],
    to: "running",
  },
  {
    what: "a user pauses",
    before: running,
    action: (id) => control.pause(id, "lunch"),
    events: [["batch.paused", { by: "person", reason: "lunch" }]],
    to: "paused",
  },
  {
    what: "a user pauses during the ingest",
    action: (id) => control.pause(id, "lunch"),
    events: [["batch.paused", { by: "person", reason: "lunch" }]],
    to: "paused",
  },
  {
    what: "the failure breaker pauses",
    spec: { control: { breaker: { minimum: 1, failurePercent: 0 } } },
    before: (id) => running(id).then(() => ledger.claims.claim(id, 0, "t/0")),
    action: (id) => ledger.claims.settle(id, 0, "t/0", outcome("timeout")),
    events: [
      ["portrait.failed", { index: 0, code: "timeout", billed: "no" }],
      ["batch.paused", { by: "breaker", reason: expect.stringContaining("timeout") as unknown }],
    ],
    to: "paused",
  },
  {
    what: "dying workers pause",
    before: async (id) => {
      await ingest(id, 2);
      let holder = "";
      for (let worker = 0; worker < DEATHS_THAT_PAUSE; worker += 1) {
        await ledger.claims.claim(id, 0, `${worker}/0`, { takeOver: holder });
        holder = `${worker}/0`;
      }
    },
    action: (id) => ledger.claims.claim(id, 0, "last/0", { takeOver: `${DEATHS_THAT_PAUSE - 1}/0` }),
    events: [["batch.paused", { by: "breaker", reason: expect.stringContaining("workers died") as unknown }]],
    to: "paused",
  },
  {
    what: "the budget pauses",
    spec: { control: { maxCostUsd: 1 } },
    before: async (id) => {
      await ingest(id, 2);
      await redis.hset(batchLedgerKeys(namespace, id).meta, { budgetNeeds: 2_000_000, budgetNeedsBy: 0 });
    },
    action: (id) => control.pauseAtBudget(id),
    events: [["batch.paused", { by: "budget", reason: expect.stringContaining("the budget") as unknown }]],
    to: "paused",
  },
  {
    what: "a user resumes",
    before: (id) => running(id).then(() => control.pause(id, "lunch")),
    action: (id) => control.resume(id),
    events: [["batch.resumed"]],
    to: "running",
  },
  {
    what: "a user resumes during the ingest",
    before: (id) => control.pause(id, "lunch"),
    action: (id) => control.resume(id),
    events: [["batch.resumed"]],
    to: "ingesting",
  },
  {
    what: "a user resumes an unconfirmed batch",
    spec: { control: { confirm: true } },
    before: (id) => control.pause(id, "lunch").then(() => ingest(id, 2)),
    action: (id) => control.resume(id),
    events: [["batch.resumed"]],
    to: "awaiting_confirmation",
  },
  {
    what: "a user resumes with another budget",
    spec: { control: { maxCostUsd: 1 } },
    before: (id) => running(id).then(() => control.pause(id, "lunch")),
    action: (id) => control.resume(id, 2_500_000),
    events: [["batch.budget_changed", { maxCostUsd: 2.5 }], ["batch.resumed"]],
    to: "running",
  },
  {
    what: "a user sets the budget of a running batch",
    spec: { control: { maxCostUsd: 1 } },
    before: running,
    action: (id) => control.resume(id, 2_500_000),
    events: [["batch.budget_changed", { maxCostUsd: 2.5 }]],
    to: "running",
  },
  {
    what: "the fallback takes over",
    spec: { control: { fallback: FALLBACK } },
    before: running,
    action: (id) => control.divert(id, "phota", []),
    events: [["batch.failed_over", { lane: "phota" }]],
    to: "running",
  },
  ...(
    [
      ["blocked", { what: "lane", reason: "auth", since: "2026-11-21T10:00:00.000Z", message: "bad key" }, "unblocked"],
      ["unattended", { message: "there is no worker for its lane twin" }, "attended"],
    ] as const
  ).flatMap(([what, data, over]): Row[] => {
    const note = (id: string) => ledger.conditions.note(id, what, { cause: "a cause", data } as never);
    return [
      { what: `a batch is ${what}`, before: running, action: note, events: [[`batch.${what}`, data]], to: "running" },
      {
        what: `a batch is ${over}`,
        before: (id) => running(id).then(() => note(id)),
        action: (id) => ledger.conditions.clear(id, what),
        events: [[`batch.${over}`]],
        to: "running",
      },
    ];
  }),
  {
    what: "a batch that was blocked has ended",
    before: (id) => running(id).then(() => finish(id, "ok", "completed")),
    action: (id) => ledger.conditions.note(id, "blocked", { cause: "a cause", data: {} as never }),
    events: [],
    to: "completed",
  },
  ...(["ingesting", "awaiting_confirmation", "running", "awaiting_approval", "paused"] as const).map((state): Row => ({
    what: `a user cancels a batch that is ${state}`,
    spec: { control: state === "awaiting_approval" ? { pilot: 1 } : { confirm: state === "awaiting_confirmation" } },
    before: async (id) => {
      if (state === "ingesting") return;
      await ingest(id, 2);
      if (state === "paused") await control.pause(id, "lunch");
      if (state !== "awaiting_approval") return;
      await control.choosePilot(id, [0]);
      await settle(id, 0, "ok");
      await control.endPilot(id);
    },
    action: (id) => control.cancel(id, "wrong photos"),
    events: [stopped],
    to: "finishing",
  })),
  {
    what: "all portraits have ended",
    before: (id) => running(id).then(() => Promise.all([settle(id, 0, "ok"), settle(id, 1, "ok")])),
    action: (id) => ledger.beginFinish(id),
    events: [["batch.finishing"]],
    to: "finishing",
  },
  {
    what: "all portraits of a paused batch have ended",
    before: async (id) => {
      await ingest(id, 1);
      await ledger.claims.claim(id, 0, "t/0");
      await control.pause(id, "lunch");
      await ledger.claims.settle(id, 0, "t/0", outcome("ok"));
    },
    action: (id) => ledger.beginFinish(id),
    events: [["batch.finishing"]],
    to: "finishing",
  },
  ...(["completed", "completed_with_failures"] as const).map((to): Row => ({
    what: `a batch ends as ${to}`,
    before: async (id) => {
      await ingest(id, 2);
      await settle(id, 0, to === "completed" ? "ok" : "timeout");
      await settle(id, 1, "ok");
      await ledger.beginFinish(id);
    },
    action: (id) => ledger.endBatch(id, 0, to),
    events: [
      [
        "batch.completed",
        {
          total: 2,
          succeeded: to === "completed" ? 2 : 1,
          skipped: 0,
          failed: to === "completed" ? 0 : 1,
          cancelled: 0,
          costUsd: 0,
          lostUsd: 0,
          maybeUsd: 0,
        },
      ],
    ],
    to,
  })),
  {
    what: "a cancelled batch ends",
    before: (id) => running(id).then(() => control.cancel(id, "wrong photos")),
    action: (id) => ledger.endBatch(id, 0, "cancelled", { reason: "wrong photos" }),
    events: [
      [
        "batch.cancelled",
        {
          total: 2,
          succeeded: 0,
          skipped: 0,
          failed: 0,
          cancelled: 2,
          costUsd: 0,
          lostUsd: 0,
          maybeUsd: 0,
          reason: "wrong photos",
        },
      ],
    ],
    to: "cancelled",
  },
  {
    what: "a source cannot be read",
    action: (id) => ledger.failBatch(id, "no such bucket"),
    events: [["batch.failed", { reason: "no such bucket" }]],
    to: "failed",
  },
  {
    what: "the source of a paused batch cannot be read",
    before: (id) => control.pause(id, "lunch"),
    action: (id) => ledger.failBatch(id, "no such bucket"),
    events: [["batch.failed", { reason: "no such bucket" }]],
    to: "failed",
  },
  ...(["completed", "completed_with_failures"] as const).map((state): Row => ({
    what: `a user retries a batch that is ${state}`,
    before: (id) => running(id).then(() => finish(id, state === "completed" ? "ok" : "timeout", state)),
    action: (id) => control.beginRound(id, ROUND, { more: [ROUND] }),
    events: [["batch.round_opened", { rounds: [1, 2] }]],
    to: "running",
  })),
  {
    what: "a user retries a cancelled batch",
    before: (id) => running(id).then(() => cancelled(id)),
    action: (id) => control.beginRound(id, ROUND),
    events: [["batch.round_opened", { rounds: [1] }]],
    to: "running",
  },
  {
    what: "a user retries a batch that was cancelled during the ingest",
    before: cancelled,
    action: (id) => control.beginRound(id, ROUND),
    events: [["batch.round_opened", { rounds: [1] }]],
    to: "ingesting",
  },
];

const seen = new Set<string>();
const told = new Set<string>();

describe("each change is in the batch's feed once, when", () => {
  it.each(ROWS)("$what", async ({ spec, before, action, events, to }) => {
    const made = batchSpec(spec);
    const { id } = made;
    const limits = { breaker: false } as const;
    await ledger.create(made, limits);
    await ledger.create(made, limits);
    await before?.(id);
    const from = await read(id);
    const known = await eventsOf(id);
    await action(id);
    const now = await read(id);
    const written = await eventsOf(id);
    const added = written.slice(known.length);
    expect(added.map(({ type, data }) => [type, data])).toEqual(events.map(([type, data = {}]) => [type, data]));
    expect(now?.state).toBe(to);
    expect(added.at(-1)?.state ?? to).toBe(to);
    seen.add(`${from?.state} -> ${to}`);
    for (const event of written) {
      told.add(event.type);
      feedEventSchema.parse(event);
      FEED_EVENTS[event.type].parse(event.data);
    }
    expect(written.map(({ sequence }) => sequence)).toEqual(written.map((_, place) => place + 1));
    expect(written[0]).toMatchObject({ batch: id, type: "batch.accepted", state: "ingesting" });
    expect(now?.lastEvent).toBe(written.at(-1)?.id.slice(id.length + 1));
    // A repetition, a duplicate or a superseded command changes nothing, and writes no event.
    await action(id);
    expect(await eventsOf(id)).toEqual(written);
  });

  it("a recovered batch is put into an empty ledger, and its feed continues if Redis still has it", async () => {
    const spec = batchSpec();
    const restore = async (): Promise<boolean> =>
      await new BatchRestore(redis, namespace, spec.id).finish(emptyRestore(spec));
    await ledger.create(spec);
    await redis.del(batchLedgerKeys(namespace, spec.id).meta);
    expect(await restore()).toBe(true);
    expect(await restore()).toBe(false);
    expect(await eventsOf(spec.id)).toMatchObject([
      { sequence: 1, type: "batch.accepted" },
      { sequence: 2, type: "batch.recovered", state: "running" },
    ]);
    told.add("batch.recovered");
  });

  it("and the table above has every arrow of the batch's diagram, and every event", () => {
    const arrows = diagram("The life of a batch").filter((arrow) => !arrow.startsWith("[*]"));
    expect(arrows.filter((arrow) => !seen.has(arrow))).toEqual([]);
    const scripts = join(import.meta.dirname, "../src/scripts");
    const announced = readdirSync(scripts, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".lua") && !file.startsWith("lib"))
      .flatMap((file) => [...readFileSync(join(scripts, file), "utf8").matchAll(/'((?:batch|portrait)\.\w+)'/g)])
      .map(([, type = ""]) => type);
    const ofBatches = FEED_EVENT_TYPES.filter((type) => !/^(?:schedule|webhook)\./.test(type)).toSorted();
    expect([...new Set(announced)].toSorted()).toEqual(ofBatches);
    expect([...told].toSorted()).toEqual(ofBatches);
  });
});

it("docs/api.md lists every event with all of its data, and no other", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/api.md"), "utf8");
  const section = page.split("\n## Events\n")[1]?.split("\n## ")[0] ?? "";
  const rows = [...section.matchAll(/^\| `([a-z]+\.[a-z_]+)` \|[^|]*\| ?(.*)\|$/gm)];
  expect(rows.map(([, type = ""]) => type).toSorted()).toEqual(FEED_EVENT_TYPES.toSorted());
  for (const [, type = "", data = ""] of rows) {
    if (data.trim() === "the same") continue;
    const names = [...data.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    const fields = Object.keys(FEED_EVENTS[type as FeedEvent["type"]].shape);
    expect(
      fields.filter((field) => !names.includes(field)),
      type,
    ).toEqual([]);
  }
});
