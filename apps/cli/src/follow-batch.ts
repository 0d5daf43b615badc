import { isEnded, type BatchStatus } from "@darkroom/core";
import { askPerson } from "./ask-person.ts";
import { batchJson } from "./batch-json.ts";
import { reportPlace, statusText } from "./batch-line.ts";
import { EXIT, exitCodeOfState, Interrupted, type ExitCode } from "./exit-codes.ts";
import { createProgressView } from "./progress-view.ts";
import { isTwinLane } from "@darkroom/config";
import type { ProviderChoice } from "./provider-choice.ts";
import type { Invocation } from "./run-command.ts";
import type { Session } from "./session.ts";
import { commandThatGoesOn, waitsForPerson } from "./waits-for-person.ts";
import { watchBatch } from "./watch.ts";

/**
 * Watches a batch to its end, and does its work where nobody else does. Where the batch waits for a person, it asks, or
 * says what for and ends.
 *
 * @param provider who does it then
 */
export async function followBatch(
  invocation: Invocation,
  session: Session,
  first: BatchStatus,
  provider: () => ProviderChoice,
): Promise<ExitCode> {
  const { terminal, signal } = invocation;
  const { client, local } = session;
  const tell = (status: BatchStatus): void => {
    const report = reportPlace(status, client.url);
    if (terminal.json) terminal.data(batchJson(status, report));
    else terminal.say(statusText(status, report));
  };
  if (isEnded(first.state)) {
    tell(first);
    return exitCodeOfState(first.state);
  }
  const view = createProgressView(terminal.streams.stderr);
  let status = first;
  try {
    signal.throwIfAborted();
    if (isTwinLane(first.lane))
      view.note("The twin does the work: nothing is paid, and the pictures are no real enhancements.");
    let working = false;
    while (!isEnded(status.state)) {
      if (waitsForPerson(status)) {
        view.close();
        const answered = await askPerson(invocation, client, status);
        if (answered === undefined) {
          tell(status);
          terminal.note(howToGoOn(status, local !== undefined));
          return EXIT.waitsForPerson;
        }
        status = answered;
      } else {
        if (local !== undefined && !working) await local.startWork(provider(), { batches: [first.id] });
        working = true;
        status = await watchBatch({ client, batchId: first.id, view, signal });
      }
    }
    view.close();
    tell(status);
    return exitCodeOfState(status.state);
  } catch (error) {
    view.close();
    if (!(error instanceof Interrupted)) throw error;
    throw await afterInterrupt(invocation, session, status, tell);
  } finally {
    view.close();
  }
}

/** In one process nobody does the work when this command has ended. */
function howToGoOn(status: BatchStatus, alone: boolean): string {
  const command = commandThatGoesOn(status) ?? `darkroom resume ${status.id}`;
  const then = alone
    ? ` The work stops here with this command; afterwards it goes on with: darkroom watch ${status.id}`
    : ` See it afterwards with: darkroom watch ${status.id}`;
  return `It waits for you. Go on with: ${command}, or end it with: darkroom cancel ${status.id}.${then}`;
}

/** @param last how the batch stood when it was looked at last */
async function afterInterrupt(
  { terminal }: Invocation,
  { local, client }: Session,
  last: BatchStatus,
  tell: (status: BatchStatus) => void,
): Promise<Interrupted> {
  const { id } = last;
  const cancel = `darkroom cancel ${id}`;
  // At a question nothing is under way, unless the batch was moved elsewhere a moment ago.
  const now = waitsForPerson(last) ? await client.status(id).catch(() => last) : last;
  if (waitsForPerson(now)) {
    await local?.stopWork();
    if (terminal.json) tell(now);
    return new Interrupted(howToGoOn(now, local !== undefined));
  }
  if (local === undefined) {
    if (terminal.json) tell(await client.status(id));
    return new Interrupted(
      `The batch goes on without you. See it again with: darkroom watch ${id}, or end it with: ${cancel}`,
    );
  }
  terminal.note(
    "Stopping: what is being enhanced gets a moment to end, the rest is kept for later. Ctrl-C again ends at once.",
  );
  await local.stopWork();
  const status = await client.status(id);
  if (terminal.json || isEnded(status.state)) tell(status);
  if (isEnded(status.state)) return new Interrupted("Stopped; the batch had just ended.");
  return new Interrupted(
    `Stopped; nothing is lost, and nothing more of it is started. Go on with: darkroom watch ${id}, or end it with: ${cancel}`,
  );
}
