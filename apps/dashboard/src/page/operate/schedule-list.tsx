import { usePolled } from "../api/use-polled.ts";
import { may } from "../api/session.ts";
import { moment } from "../text/numbers.ts";
import { Link } from "../ui/router.tsx";
import { OrderButton } from "./order-button.tsx";
import type { Schedule } from "./views.ts";

const EVERY_MS = 5_000;

/** Shows the schedules with their next runs, and what stops them. */
export function ScheduleList() {
  const { value, error, refresh } = usePolled<{ readonly schedules: readonly Schedule[] }>("/v1/schedules", EVERY_MS);
  const schedules = value.value?.schedules ?? [];
  return (
    <section aria-labelledby="schedules">
      <h2 id="schedules">Schedules</h2>
      {error.value === undefined ? null : <p class="note bad">{error.value}</p>}
      {value.value === undefined || schedules.length > 0 ? null : <p class="note">There are no schedules.</p>}
      <ul class="batches">
        {schedules.map((schedule) => (
          <Row key={schedule.id} schedule={schedule} onDone={refresh} />
        ))}
      </ul>
    </section>
  );
}

function Row({ schedule, onDone }: { readonly schedule: Schedule; readonly onDone: () => void }) {
  const { id, cron, timeZone, submission, paused, nextRuns, stuck, lastRun } = schedule;
  const path = `/v1/schedules/${encodeURIComponent(id)}`;
  return (
    <li class="batch">
      <h3>{id}</h3>
      <p class="facts">
        <span>
          {cron} ({timeZone})
        </span>
        <span>
          {submission.source} to {submission.destination}
        </span>
      </p>
      {paused === null ? (
        <p>Next: {nextRuns.map(moment).join(" · ")}</p>
      ) : (
        <p class="wait">
          Paused since {moment(paused.at)}
          {paused.reason === null ? "" : `: ${paused.reason}`}.
        </p>
      )}
      {lastRun === null ? null : (
        <p class="note">
          Last run {moment(lastRun.at)}:{" "}
          {lastRun.batchId === null ? (
            lastRun.outcome.replaceAll("_", " ")
          ) : (
            <Link to={`/batches/${encodeURIComponent(lastRun.batchId)}`}>{lastRun.outcome.replaceAll("_", " ")}</Link>
          )}
          {lastRun.message === null ? "" : `, ${lastRun.message}`}
        </p>
      )}
      {stuck === null ? null : <p class="wait">{stuck.message}</p>}
      {!may("manage") ? null : (
        <div class="actions">
          {paused === null ? (
            <OrderButton label="Pause" describe={`Pause ${id}`} path={`${path}/pause`} onDone={onDone} />
          ) : (
            <OrderButton label="Resume" describe={`Resume ${id}`} path={`${path}/resume`} onDone={onDone} />
          )}
          <OrderButton
            label="Run now"
            describe={`Run now: ${id}`}
            path={`${path}/run`}
            question="A batch starts now, and its new portraits are paid as in a run of the timer."
            onDone={onDone}
          />
        </div>
      )}
    </li>
  );
}
