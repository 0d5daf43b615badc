import { InvalidArgumentError, Option, type Command } from "commander";
import { isRetriable, OUTCOME_CODES, type BatchStatus, type OutcomeCode, type RetryRequest } from "@darkroom/core";
import { batchJson } from "../text/batch-json.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { followBatch } from "../follow/follow-batch.ts";
import { providerForLane } from "../options/provider-choice.ts";
import { twinBatchOption } from "../options/twin-batch-option.ts";
import { addRecipeChangeOptions, readRecipeChange, type RecipeChangeOptions } from "../options/recipe-options.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { ID_ARGUMENT } from "../options/id-argument.ts";
import { resolveBatchId } from "../api/resolve-batch-id.ts";
import type { Session } from "../local-stack/session.ts";
import { whoGoesOn } from "../follow/who-works.ts";

interface RetryOptions extends RecipeChangeOptions {
  readonly code?: readonly OutcomeCode[];
  readonly detach?: boolean;
  readonly twin?: boolean;
}

const RETRIABLE = OUTCOME_CODES.filter(isRetriable);

/** `darkroom retry`. */
export function addRetryCommand(program: Command, surroundings: Surroundings): void {
  const retry = program
    .command("retry")
    .description(
      "Retries failed or unstarted portraits in the same batch, and watches until they are done. Each may be paid once more.",
    )
    .argument("<id>", ID_ARGUMENT)
    .addOption(
      new Option(
        "--code <code...>",
        "only those with this outcome (see docs/error-codes.md); defaults to all that may now succeed",
      )
        .choices(RETRIABLE)
        .argParser(readCodes),
    );
  addRecipeChangeOptions(retry)
    .option("--detach", "only reopen them; do not watch")
    .addOption(twinBatchOption())
    .addHelpText("after", RETRY_HELP)
    .action(async (id: string, options: RetryOptions) => {
      await runAction(surroundings, retry, (invocation) => retryBatch(invocation, id, options));
    });
}

/** Appends a code of `--code` to the earlier ones. */
function readCodes(text: string, before: readonly OutcomeCode[] | undefined): readonly OutcomeCode[] {
  const code = RETRIABLE.find((known) => known === text);
  if (code !== undefined) return [...(before ?? []), code];
  throw new InvalidArgumentError(
    text === "invalid_row"
      ? "A bad row is not retried: fix the manifest and submit it again; delivered portraits are skipped."
      : `Allowed choices are ${RETRIABLE.join(", ")}.`,
  );
}

async function retryBatch(invocation: Invocation, given: string, options: RetryOptions): Promise<ExitCode> {
  const { env, terminal } = invocation;
  const recipe = readRecipeChange(options, terminal);
  const request: RetryRequest = {
    ...(options.code === undefined ? {} : { codes: [...options.code] }),
    ...(recipe === undefined ? {} : { recipe }),
  };
  return await withSession(invocation, undefined, async (session) => {
    const { client, kind } = session;
    const before = await client.status(await resolveBatchId(client, given));
    const provider = () => providerForLane(env, options.twin === true, before.lane);
    // If no process can do the work, no portrait must be reopened.
    if (kind === "own" && options.detach !== true) provider();
    const status = await client.retry(before.id, { ...request, revision: before.revision });
    if (options.detach !== true) return await followBatch(invocation, session, { batch: status, provider });
    if (terminal.json) terminal.data(batchJson(status, null));
    else terminal.say(`Batch ${status.id} ${openedText(status, kind)}`);
    return EXIT.ok;
  });
}

/** Describes a batch whose portraits were reopened. */
export function openedText(status: BatchStatus, kind: Session["kind"]): string {
  const { id, state } = status;
  if (state === "paused") return `is retried once it continues; it is still paused: darkroom resume ${id}`;
  return `is retried. ${whoGoesOn(status, kind)}`;
}

const RETRY_HELP = `
Examples:
  $ darkroom retry last
  $ darkroom retry last --code no_output timeout
  $ darkroom retry last --code content_policy --prompt "even, soft studio light"

Exit codes: 0 all done · 2 no such batch, or nothing to try again · 3 done, some portraits failed ·
4 cancelled or failed · 5 no API or Redis · 6 it waits for you · 130 interrupted · 1 anything else`;
