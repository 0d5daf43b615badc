import { useEffect } from "preact/hooks";
import { may, seesAllTenants } from "../api/session.ts";
import { CostTable } from "./cost-table.tsx";
import { KeyList } from "./key-list.tsx";
import { LaneList } from "./lane-list.tsx";
import { ScheduleList } from "./schedule-list.tsx";
import { WebhookList } from "./webhook-list.tsx";

/** Shows the accounts, schedules, costs and keys that the user's key may see. */
export default function Operate() {
  useEffect(() => {
    document.title = "Operations · Darkroom";
    return () => void (document.title = "Darkroom");
  }, []);
  return (
    <div class="operate">
      <h1>Operations</h1>
      {seesAllTenants() ? <LaneList /> : null}
      <ScheduleList />
      <CostTable />
      {may("manage") ? <WebhookList /> : null}
      {may("admin") ? <KeyList /> : null}
    </div>
  );
}
