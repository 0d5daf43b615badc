import { isEnded, type BatchStatus } from "@darkroom/core";
import { unattendedText } from "../text/batch-line.ts";
import { leftText } from "./end-cancelled.ts";
import type { Session } from "../local-stack/session.ts";

/** Describes which process works on a running batch, and the command that watches it or does the work. */
export function whoGoesOn({ id, unattended }: BatchStatus, kind: Session["kind"]): string {
  const watch = `darkroom watch ${id}`;
  if (unattended === null) {
    return kind === "own" ? `The command that works on it continues. See it with: ${watch}` : `See it with: ${watch}`;
  }
  if (kind === "own") return `No process works on it; do its work with: ${watch}`;
  return `It waits ${unattendedText(unattended)}. See it with: ${watch}`;
}

/** Describes whether a cancelled batch has ended, and otherwise which process writes its report. */
export function whoEnds(status: BatchStatus, kind: Session["kind"]): string {
  const { id, state, unattended } = status;
  if (isEnded(state)) return `It has ended. See it with: darkroom status ${id}`;
  if (kind === "own" && unattended === null) return leftText(status);
  if (unattended === null) return `See it with: darkroom status ${id}`;
  if (kind === "own") return `No process can end it and write its report; do that with: darkroom watch ${id}`;
  return `Its end waits ${unattendedText(unattended)}. See it with: darkroom watch ${id}`;
}
