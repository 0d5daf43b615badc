import type { Command } from "commander";
import { toStoreUrl } from "@darkroom/storage/urls";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { runAction, withSession, type Invocation, type Surroundings } from "../run-command.ts";
import { ID_ARGUMENT } from "../options/id-argument.ts";
import { resolveBatchId } from "../api/resolve-batch-id.ts";

/** `darkroom recover` and `darkroom reconcile`. */
export function addRecoveryCommands(program: Command, surroundings: Surroundings): void {
  const recover = program
    .command("recover")
    .description(
      "Rebuilds batches that Redis has lost, from their destination alone. What was delivered is never paid for again.",
    )
    .argument("<destination>", "the folder or s3://bucket/prefix/ with the results")
    .option("--batch <id>", "only this batch, by its whole id")
    .option("--though-it-runs", "also a batch that another Redis seems to run; if it does, each portrait is paid twice")
    .addHelpText("after", RECOVER_HELP)
    .action(async (destination: string, options: { batch?: string; thoughItRuns?: boolean }) => {
      await runAction(surroundings, recover, (invocation) => recoverBatches(invocation, destination, options));
    });

  const reconcile = program
    .command("reconcile")
    .description("Compares Redis, queue and store for a batch, and lists the differences.")
    .argument("<id>", ID_ARGUMENT)
    .option("--fix", "repair what can be repaired without paying for anything")
    .addHelpText("after", RECONCILE_HELP)
    .action(async (id: string, options: { fix?: boolean }) => {
      await runAction(surroundings, reconcile, (invocation) => reconcileBatch(invocation, id, options.fix === true));
    });
}

async function recoverBatches(
  { env, terminal, ...invocation }: Invocation,
  destination: string,
  options: { readonly batch?: string; readonly thoughItRuns?: boolean },
): Promise<ExitCode> {
  return await withSession({ env, terminal, ...invocation }, undefined, async ({ client }) => {
    const batches = await client.recover(toStoreUrl(destination, env.cwd), options);
    if (terminal.json) terminal.data({ batches });
    else if (batches.length === 0) terminal.say("No batch has left files there.");
    for (const { batchId, kind, total = 0, ended = 0, unconfirmed = false, message = "" } of terminal.json
      ? []
      : batches) {
      const words = {
        recovered: unconfirmed
          ? `is back, but its source had not been read: it may have been refused. Either: darkroom confirm ${batchId}, or: darkroom cancel ${batchId}`
          : `is back: ${ended} of ${total} portraits had ended. Continue with: darkroom watch ${batchId}`,
        known: `is in Redis; nothing to do. See it with: darkroom status ${batchId}`,
        ended:
          "had ended; its report is still there. It is no longer in Redis: to retry what failed, submit it again; delivered portraits are skipped",
        damaged: `cannot be rebuilt: ${message}`,
        running: `is unchanged: ${message}. If that Redis is gone for good: darkroom recover ${destination} --batch ${batchId} --though-it-runs`,
      }[kind];
      terminal.say(`Batch ${batchId} ${words}`);
    }
    return batches.some(({ kind }) => kind === "damaged" || kind === "running") ? EXIT.notCompleted : EXIT.ok;
  });
}

async function reconcileBatch(invocation: Invocation, given: string, fix: boolean): Promise<ExitCode> {
  const { terminal } = invocation;
  return await withSession(invocation, undefined, async ({ client }) => {
    const differences = await client.reconcile(await resolveBatchId(client, given), fix);
    if (terminal.json) terminal.data({ differences });
    else if (differences.length === 0) terminal.say("Ledger, lane and store agree.");
    for (const { meaning, count, examples, fixed, advice } of terminal.json ? [] : differences) {
      const which = examples.length < count ? `${examples.join(", ")}, …` : examples.join(", ");
      const mended = fixed === 0 ? "" : `; mended ${fixed}`;
      terminal.say(`${count} (${which}): ${meaning}${mended}${advice === "" ? "" : `; ${advice}`}`);
    }
    return differences.every(({ count, fixed }) => fixed >= count) ? EXIT.ok : EXIT.completedWithFailures;
  });
}

const RECOVER_HELP = `
Example:
  $ darkroom recover s3://studio/done/

Exit codes: 0 done · 2 bad input · 4 something of a batch is damaged, or another Redis runs it · 5 no API or Redis`;

const RECONCILE_HELP = `
Examples:
  $ darkroom reconcile last
  $ darkroom reconcile last --fix --json | jq .differences

Exit codes: 0 they agree, or all is mended · 2 no such batch · 3 something differs · 5 no API or Redis`;
