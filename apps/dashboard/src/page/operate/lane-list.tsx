import { usePolled } from "../api/use-polled.ts";
import { may } from "../api/session.ts";
import { count, moment } from "../text/numbers.ts";
import { OrderButton } from "./order-button.tsx";
import type { Lane } from "./views.ts";

const EVERY_MS = 3_000;

/** Shows the provider accounts, their limits, and why one rests. */
export function LaneList() {
  const { value, error, refresh } = usePolled<{ readonly lanes: readonly Lane[] }>("/v1/lanes", EVERY_MS);
  return (
    <section aria-labelledby="lanes">
      <h2 id="lanes">Provider accounts</h2>
      {error.value === undefined ? null : <p class="note bad">{error.value}</p>}
      <ul class="batches">
        {value.value?.lanes.map((lane) => (
          <li key={lane.name} class="batch">
            <h3>{lane.name}</h3>
            <p class="facts">
              <span>{count(lane.counts.waiting + lane.counts.delayed, "portrait")} queued</span>
              <span>{count(lane.running, "call")} running</span>
              <span>{limitText("at once", lane.concurrency)}</span>
              {lane.ratePerMinute.configured === null && lane.ratePerMinute.present === null ? null : (
                <span>{limitText("a minute", lane.ratePerMinute)}</span>
              )}
              <span class={lane.workers === 0 ? "warn" : ""}>{count(lane.workers, "worker")}</span>
            </p>
            {reasons(lane).map((line) => (
              <p key={line} class="wait">
                {line}
              </p>
            ))}
            {(lane.blocked === null && lane.held === null) || !may("admin") ? null : (
              <OrderButton
                label="Unblock"
                describe={`Unblock ${lane.name}`}
                path={`/v1/lanes/${encodeURIComponent(lane.name)}/unblock`}
                onDone={refresh}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function limitText(what: string, { configured, present }: Lane["ratePerMinute"]): string {
  if (configured === present || present === null) return `at most ${configured ?? "any number"} ${what}`;
  return `at most ${present} ${what}${configured === null ? "" : ` (of ${configured})`}`;
}

function reasons({ blocked, held, narrowed, probe }: Lane): readonly string[] {
  const next = probe === null ? "" : probe.underWay ? " One portrait tries now." : ` Next try ${moment(probe.at)}.`;
  return [
    ...(blocked === null ? [] : [`Blocked since ${moment(blocked.since)}: ${blocked.message}.${next}`]),
    ...(held === null ? [] : [`Rests until ${moment(held.until)}${said(held.message)}.`]),
    ...(narrowed === null ? [] : [`Its limit is lower since ${moment(narrowed.at)}${said(narrowed.message)}.`]),
  ];
}

function said(message: string | null): string {
  return message === null ? "" : `: ${message}`;
}
