import { resolve } from "node:path";
import type { BatchStatus } from "@darkroom/core";
import { consistencyText } from "../text/batch-line.ts";
import { DarkroomClient } from "../api/client.ts";
import type { CliEnv } from "../environment/env.ts";
import { CommandError, EXIT, type ExitCode } from "../exit-codes.ts";
import { startLocalProcess, type LocalOptions, type LocalProcess } from "../local-stack/local-process.ts";
import { createProgressView } from "../follow/progress-view.ts";
import type { Invocation } from "../run-command.ts";
import { tableText } from "../text/table.ts";
import { watchBatch } from "../follow/watch.ts";
import { collectResults, type DemoResult } from "./collect-results.ts";
import { openDemoStore, type DemoStore } from "./demo-store.ts";
import { readTeam, type TeamPhoto } from "./team.ts";

/** The provider takes 5 to 20 s per picture. At this speed, the simulator takes 1.25 to 5 s. */
const CLOCK = 4;
const CONCURRENCY = 4;
/** The portrait whose first call fails, to demonstrate a retry. */
const FALTERING = 2;
const FEWEST = 12;

/** Enhances the example team with everything real except the provider, and checks the results. */
export async function runDemo(invocation: Invocation, output: string): Promise<ExitCode> {
  const { env, terminal, signal, fail } = invocation;
  const startedAt = performance.now();
  const folder = resolve(env.cwd, output);
  const team = await readTeam();
  if (team.length < FEWEST)
    throw new CommandError(EXIT.unexpected, `examples/team has ${team.length} portraits and should have ${FEWEST}.`);
  terminal.note("Starting an object store and Redis; the first time they may have to be fetched…");
  const store = await openDemoStore(env, (line) => terminal.note(line));
  let local: LocalProcess | undefined;
  let client: DarkroomClient | undefined;
  try {
    signal.throwIfAborted();
    local = await startDemoStack(env, store, team, { log: (line) => terminal.note(line), onLost: fail });
    client = new DarkroomClient(local.apiUrl, local.apiKey);
    terminal.note(`  store     ${store.how}`);
    terminal.note(`  Redis     ${local.redisHow}`);
    terminal.note(`  API       ${local.apiUrl}`);
    terminal.note(`  provider  the twin, at ${local.twin?.url ?? ""}: not the paid one`);
    const ended = await enhanceTeam(invocation, { local, client, store, team });
    const results = await collectResults(
      client,
      ended.id,
      team,
      store.stores.open(`${store.url}enhanced/`),
      folder,
      signal,
    );
    return tellResults(invocation, ended, results, folder, performance.now() - startedAt);
  } finally {
    await client?.close();
    await local?.close();
    await store.close();
  }
}

/** Ignores the user's settings, so that a demo uses neither a paid account nor one of the user's buckets. */
async function startDemoStack(
  env: CliEnv,
  store: DemoStore,
  team: readonly TeamPhoto[],
  told: Pick<LocalOptions, "log" | "onLost">,
): Promise<LocalProcess> {
  const own: CliEnv = { ...env, variables: {}, redisUrl: undefined, publicUrl: undefined, twinUrl: undefined };
  const portrait = team[FALTERING]?.key ?? "";
  return await startLocalProcess(own, {
    provider: "twin",
    persistent: false,
    ...told,
    twin: { clock: CLOCK, faults: [{ match: { portrait, call: 1 }, fault: { kind: "http", status: 503 } }] },
    variables: {
      ...store.variables,
      DARKROOM_LANE_CONCURRENCY: String(CONCURRENCY),
      DARKROOM_BACKOFF_BASE_MS: "2000",
      DARKROOM_BACKOFF_CAP_MS: "2000",
    },
  });
}

interface DemoParts {
  readonly local: LocalProcess;
  readonly client: DarkroomClient;
  readonly store: DemoStore;
  readonly team: readonly TeamPhoto[];
}

async function enhanceTeam(
  { terminal, signal }: Invocation,
  { local, client, store, team }: DemoParts,
): Promise<BatchStatus> {
  const source = store.stores.open(`${store.url}team/`);
  for (const { key, bytes } of team) {
    signal.throwIfAborted();
    await source.put(key, bytes, { contentType: key.endsWith(".png") ? "image/png" : "image/jpeg" });
  }
  terminal.note(`  photos    ${team.length}, uploaded to ${source.url}`);
  const { id } = await client.submit({
    name: "demo",
    source: source.url,
    destination: `${store.url}enhanced/`,
    recipe: { preset: "professional-polish", mode: "eco" },
  });
  const planted = team[FALTERING]?.key ?? "";
  terminal.note(`  fault     planted: the first call for ${planted} fails, so that you see a retry`);
  await local.startWork("twin", { batches: "all" });
  const view = createProgressView(terminal.streams.stderr);
  try {
    return await watchBatch({
      client,
      batchId: id,
      view,
      signal,
    });
  } finally {
    view.close();
  }
}

function tellResults(
  { terminal }: Invocation,
  ended: BatchStatus,
  results: readonly DemoResult[],
  folder: string,
  tookMs: number,
): ExitCode {
  const rows = results.map(({ key, outcome, attempts, providerMs, size, meanDifference, problems }) => [
    key,
    outcome,
    attempts,
    `${(providerMs / 1_000).toFixed(1)} s`,
    size,
    meanDifference.toFixed(1),
    problems.join("; ") || "ok",
  ]);
  terminal.say(
    `\n${tableText(["PORTRAIT", "OUTCOME", "ATTEMPTS", "PROVIDER", "SIZE", "DIFFERENCE", "CHECK"], rows)}\n`,
  );
  terminal.say(
    "DIFFERENCE is the mean change of the pixels, of 255. CHECK compares size, format and content with the photo.\n",
  );
  const bad = results.filter(({ problems }) => problems.length > 0);
  const right = ended.state === "completed" && bad.length === 0;
  if (terminal.json) {
    const { id, state, consistency } = ended;
    terminal.data({ id, state, consistency, portraits: results, folder, ok: right });
  }
  terminal.say(
    `${ended.state}: ${ended.counts.succeeded} of ${results.length} enhanced in ${(tookMs / 1_000).toFixed(1)} s.`,
  );
  if (ended.consistency !== null) {
    terminal.say(`The team: ${consistencyText(ended.consistency)}. 100 means that no two portraits differ visibly.`);
  }
  for (const { key, review } of results) {
    if (review.length > 0) terminal.say(`  ${key} stands out: ${review.join("; ")}`);
  }
  terminal.say(`Look at ${folder}/contact-sheet.png; the report is ${folder}/report.csv.`);
  terminal.say(
    "The twin did this, not the paid provider: queue, ledger, store and API are real, the enhancement is simulated.\n" +
      "On the web page, with sample batches:\n" +
      "  npm start -- --sample\n" +
      "With your own key:\n" +
      "  export EACHLABS_API_KEY=…\n" +
      "  ./darkroom enhance s3://bucket/team/ s3://bucket/enhanced/ --preset professional-polish --mode max",
  );
  if (right) return EXIT.ok;
  terminal.note(`The demo failed: ${ended.state}, and ${bad.length} portraits did not pass their checks.`);
  return EXIT.unexpected;
}
