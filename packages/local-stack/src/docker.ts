import { runCommand } from "./run-command.ts";

/** Timeout for a Docker daemon to answer. */
const ASK_TIMEOUT_MS = 1_800;

/** True when a Docker daemon (or Podman under that name) answers. Quick and silent. */
export async function dockerAnswers(): Promise<boolean> {
  const { ok, stdout } = await runCommand("docker", ["version", "--format", "{{.Server.Version}}"], {
    timeoutMs: ASK_TIMEOUT_MS,
  });
  return ok && stdout.trim() !== "";
}
