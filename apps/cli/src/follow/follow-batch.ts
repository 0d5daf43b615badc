import { confirm } from "@clack/prompts";
import { isEnded, type BatchStatus } from "@darkroom/core";
import { isTwinLane } from "@darkroom/config";
import { askPerson } from "./ask-person.ts";
import { askUnlessMoved } from "./ask-unless-moved.ts";
import { batchJson } from "../text/batch-json.ts";
import { progressText, reportPlace, statusText } from "../text/batch-line.ts";
import { afterInterrupt, howToGoOn, leftAloneText, standstillText, type Role } from "./end-of-command.ts";
import { EXIT, Interrupted, type ExitCode } from "../exit-codes.ts";
import { exitCodeOfState } from "../exit-code-of-state.ts";
import type { LocalProcess } from "../local-stack/local-process.ts";
import { OwnersAtRest } from "../local-stack/owners-at-rest.ts";
import { namedPortraits } from "../text/named-portraits.ts";
import { createProgressView } from "./progress-view.ts";
import type { ProviderChoice } from "../options/provider-choice.ts";
import { withSession, type Invocation } from "../run-command.ts";
import type { Session } from "../local-stack/session.ts";
import { isWorkedOnElsewhere, untilSurelyLeft } from "./stopped-worker.ts";
import { waitsForPerson } from "./waits-for-person.ts";
import { ApiOver, watchBatch } from "./watch.ts";

/** The batch that a command follows. */
export interface Followed {
  readonly batch: BatchStatus;
  /** Returns the providers to use, if this process may do the work. */
  readonly provider: () => ProviderChoice;
  /**
   * True if the command must do the batch's work even if another process also works on it. Defaults to false: the
   * command works only if no other process does.
   */
  readonly isOrder?: boolean;
  /** Batches of the same order that the command continued before. */
  readonly continued?: readonly string[];
  /** True if the order continues after this batch, so that its completion is printed beside the result. */
  readonly isFirstPart?: boolean;
}

/**
 * Watches a batch to its end, and does the batch's work unless another process does. This role is fixed at the start: a
 * command that only watches starts to work only if the user agrees. If the batch needs a decision, asks the user, or
 * prints the wait reason and returns.
 */
export async function followBatch(invocation: Invocation, session: Session, followed: Followed): Promise<ExitCode> {
  const { terminal, signal } = invocation;
  const { client, local } = session;
  const { batch: first, provider, continued = [] } = followed;
  const tell = async (status: BatchStatus): Promise<void> => {
    const report = reportPlace(status, client.url);
    if (followed.isFirstPart === true && status.state === "completed")
      terminal.note(`Batch ${status.id} is completed: ${progressText(status)}`);
    else if (terminal.json)
      terminal.data({ ...batchJson(status, report), ...(continued.length === 0 ? {} : { continued }) });
    else terminal.say(statusText(status, report, await namedPortraits(client, status)));
  };
  if (isEnded(first.state)) {
    await tell(first);
    return exitCodeOfState(first.state);
  }
  const view = createProgressView(terminal.streams.stderr);
  terminal.noteBeside((text) => view.note(text));
  const owners = new OwnersAtRest(client, local);
  let status = first;
  let seen = first;
  let role: Role | undefined;
  const work = async (process: LocalProcess): Promise<void> => {
    role = "works";
    await process.startWork(provider(), { batches: [first.id] });
  };
  try {
    signal.throwIfAborted();
    if (isTwinLane(first.lane))
      view.note("The twin does the work: nothing is paid, and the pictures are not real enhancements.");
    while (!isEnded(status.state)) {
      if (waitsForPerson(status)) {
        view.close();
        const answered = await askPerson(invocation, client, status);
        if (answered === undefined) {
          await tell(status);
          terminal.note(howToGoOn(status, local !== undefined));
          return EXIT.waitsForPerson;
        }
        status = answered.status;
        // A user who continues the batch in this terminal expects this command to work on it, unless another process
        // does.
        if (answered.isOwn && role === "looks") role = undefined;
        continue;
      }
      if (local !== undefined && role === undefined) {
        if (followed.isOrder !== true && isWorkedOnElsewhere(status, local)) {
          role = "looks";
          view.note("Another process works on this batch; this command only shows it.");
        } else {
          if (followed.isOrder !== true) view.note("This command works on the batch.");
          await work(local);
        }
      }
      status = await watchBatch({
        client,
        batchId: first.id,
        view,
        signal,
        ...(session.isOver === undefined ? {} : { isOver: session.isOver }),
        onEvent: (event) => {
          if (event.type === "batch") seen = event.status;
        },
        until: async (now) =>
          role === "looks" ? now.unattended !== null : (await owners.take(now, role, provider)).length > 0,
      });
      if (isEnded(status.state) || waitsForPerson(status)) continue;
      if (local !== undefined && role === "looks") {
        status = await untilSurelyLeft(client, status, local, signal);
        if (status.unattended === null) continue;
        view.close();
        const answer = await askToWork(invocation, session, status);
        if (answer === "no") {
          if (terminal.json) await tell(status);
          throw new LeftAlone(leftAloneText(status));
        }
        if (answer === "yes") await work(local);
        else status = answer;
      } else if (owners.found.length > 0) {
        view.close();
        await tell(status);
        terminal.note(standstillText(status, owners.found));
        await local?.stopWork();
        return EXIT.waitsForPerson;
      }
    }
    view.close();
    await tell(status);
    return exitCodeOfState(status.state);
  } catch (error) {
    view.close();
    if (error instanceof ApiOver) return await afterApiOver(invocation, session, { ...followed, batch: seen });
    if (!(error instanceof Interrupted) || error instanceof LeftAlone) throw error;
    throw await afterInterrupt(invocation, session, { last: status, role, tell });
  } finally {
    terminal.noteBeside(undefined);
    view.close();
  }
}

/** Ends a command that only watched a batch, once no process works on the batch. Reported like an interrupt. */
class LeftAlone extends Interrupted {}

/**
 * Continues after the stack of this folder has ended: asks whether to work on the batch here, with an API of this
 * command's own.
 *
 * @throws Interrupted with the next commands when the user cannot be asked or says no
 */
async function afterApiOver(invocation: Invocation, session: Session, followed: Followed): Promise<ExitCode> {
  const { batch, provider } = followed;
  const answer = await askToWork(invocation, session, batch);
  if (answer === "no") throw new LeftAlone(leftAloneText(batch));
  if (answer !== "yes") return await followBatch(invocation, session, { ...followed, batch: answer });
  return await withSession(
    invocation,
    provider,
    async (here) => await followBatch(invocation, here, { ...followed, batch: await here.client.status(batch.id) }),
  );
}

/**
 * Asks once whether to take over a batch that its process has left. The question closes when another process takes over
 * or the batch ends.
 */
async function askToWork(
  { terminal, signal }: Invocation,
  { client }: Pick<Session, "client">,
  status: BatchStatus,
): Promise<"yes" | "no" | BatchStatus> {
  if (!terminal.canAsk) return "no";
  const { stdin: input, stderr: output } = terminal.streams;
  terminal.note(
    `The process that worked on this batch has stopped: ${progressText(status)}. No more of it is started.`,
  );
  const answer = await askUnlessMoved(client, status, {
    signal,
    question: async (closing) =>
      await confirm({ message: "Continue it here?", initialValue: false, input, output, signal: closing }),
    isMoved: (now) => now.unattended === null,
  });
  if (typeof answer === "object") {
    terminal.note("The question is closed: the batch continues, waits for you or has ended.");
    return answer;
  }
  if (typeof answer === "symbol") throw new Interrupted();
  return answer ? "yes" : "no";
}
