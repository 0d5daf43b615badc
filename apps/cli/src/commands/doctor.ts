import type { Command } from "commander";
import { readEnvInSpite } from "../environment/env.ts";
import { runAction, type Surroundings } from "../run-command.ts";

interface DoctorOptions {
  readonly source?: boolean;
  readonly twin?: boolean;
}

/** `darkroom doctor`. */
export function addDoctorCommand(program: Command, surroundings: Surroundings): void {
  const doctor = program
    .command("doctor")
    .description("Checks Node, Redis, object store, keys, proxy, provider, API and disk, and says what to do.")
    .argument("[place]", "a source or destination to check: s3://bucket/prefix/ or a folder")
    .option("--source", "the location is only a source: do not try to write there")
    .option("--twin", "check what commands with --twin need, which is no provider's key")
    .addHelpText("after", DOCTOR_HELP)
    .action(async (url: string | undefined, { source: isSourceOnly = false, twin }: DoctorOptions) => {
      await runAction(
        surroundings,
        doctor,
        async (invocation) => {
          const { runDoctor } = await import("../doctor/run-doctor.ts");
          const { env } = invocation;
          const place = url === undefined ? undefined : { url, isSourceOnly };
          return await runDoctor({ ...invocation, env: { ...env, twin: twin === true || env.twin } }, place);
        },
        readEnvInSpite,
      );
    });
}

const DOCTOR_HELP = `
Examples:
  $ darkroom doctor
  $ darkroom doctor s3://studio/team-done/      lists it, writes a small file there and deletes it
  $ darkroom doctor s3://studio/team/ --source  only lists it
  $ darkroom doctor --twin                      needs no key

Keys are never shown, only whether they are there.
With --json: one object with \`checks\`, each with \`name\`, \`result\` (ok, warning, failed) and \`message\`.

Exit codes: 0 nothing failed · 5 Redis or the API cannot be used · 1 anything else failed · 2 wrong settings`;
