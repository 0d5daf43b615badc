import type { Command } from "commander";
import { runAction, type Surroundings } from "../run-command.ts";

/** `darkroom demo`. */
export function addDemoCommand(program: Command, surroundings: Surroundings): void {
  const demo = program
    .command("demo")
    .description("Enhances a team of portraits with real parts, except that the simulator replaces the provider.")
    .option("-o, --output <folder>", "folder of the results", "out/demo")
    .addHelpText("after", DEMO_HELP)
    .action(async ({ output }: { output: string }) => {
      await runAction(surroundings, demo, async (invocation) => {
        const { runDemo } = await import("../demo/run-demo.ts");
        return await runDemo(invocation, output);
      });
    });
}

const DEMO_HELP = `
Example:
  $ darkroom demo

It leaves the enhanced portraits, contact-sheet.png and report.csv in the folder, and checks them.
With --json: one object with \`id\`, \`state\`, \`consistency\`, \`portraits\` and \`folder\`.

Exit codes: 0 all portraits were enhanced and checked · 1 a check failed · 130 interrupted`;
