import { buffer } from "node:stream/consumers";
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Command } from "commander";
import { readEngineSettings } from "@darkroom/config";
import { parseFaceScores, readC2paFate, RESULT_METADATA, type GetResult } from "@darkroom/core";
import { openStores, splitObjectUrl } from "@darkroom/storage";
import { withoutOwnTwin } from "../environment/env.ts";
import { runAction, type Invocation, type Surroundings } from "../run-command.ts";

/** The data in a file about its origin. Null: none. */
interface Inspected {
  readonly file: string;
  readonly sizeBytes: number;
  /** True if the file contains a C2PA manifest. Its signature is not checked. */
  readonly hasC2paManifest: boolean;
  /** IPTC's term for how the picture was made, if it says that AI was used. */
  readonly digitalSourceType: string | null;
  /** Darkroom's note beside the file; null for a file that it did not store. */
  readonly result: DarkroomMarks | null;
}

interface DarkroomMarks {
  readonly batch: string;
  readonly index: number;
  readonly round: number;
  /** A variation or cut; null for the main picture. */
  readonly part: string | null;
  readonly provider: string;
  readonly simulated: boolean;
  readonly fingerprint: string;
  readonly recipe: string;
  readonly c2pa: string | null;
  readonly likeness: number | null;
  /** True if the content is what Darkroom stored. */
  readonly isUnchanged: boolean;
}

/** `darkroom inspect`. */
export function addInspectCommand(program: Command, surroundings: Surroundings): void {
  const inspect = program
    .command("inspect")
    .description("Shows what a picture's file says about how it was made.")
    .argument("<file>", "a file, or s3://bucket/key")
    .addHelpText("after", INSPECT_HELP)
    .action(async (file: string) => {
      await runAction(surroundings, inspect, (invocation) => inspectFile(invocation, file));
    });
}

async function inspectFile({ env, terminal }: Invocation, given: string): Promise<void> {
  const isUrl = /^(?:s3|file):/.test(given);
  const { storeUrl, key } = splitObjectUrl(isUrl ? given : pathToFileURL(resolve(env.cwd, given)).href);
  const { s3, local, proxy } = readEngineSettings({ ...withoutOwnTwin(env), DARKROOM_LOCAL_ROOTS: "any" });
  const stores = openStores({ s3, local, proxy });
  try {
    const found = await stores.open(storeUrl).get(key);
    const inspected = await inspectObject(given, found);
    if (terminal.json) terminal.data(inspected);
    else terminal.say(shown(inspected));
  } finally {
    await stores.close();
  }
}

async function inspectObject(file: string, { info, body }: GetResult): Promise<Inspected> {
  const { aiMarks } = await import("@darkroom/imaging");
  const bytes = await buffer(body);
  const { hasManifest, sourceType = null } = aiMarks(bytes);
  const digest = createHash("sha256").update(bytes).digest("hex");
  return {
    file,
    sizeBytes: bytes.length,
    hasC2paManifest: hasManifest,
    digitalSourceType: sourceType,
    result: marksOf(info.metadata, digest),
  };
}

function marksOf(metadata: Readonly<Record<string, string>>, digest: string): DarkroomMarks | null {
  const read = (name: keyof typeof RESULT_METADATA): string | undefined => metadata[RESULT_METADATA[name]];
  const batch = read("batch");
  if (batch === undefined) return null;
  return {
    batch,
    index: Number(read("portrait") ?? 0),
    round: Number(read("round") ?? 0),
    part: read("part") ?? null,
    provider: read("provider") ?? "",
    simulated: read("simulated") !== undefined,
    fingerprint: read("fingerprint") ?? "",
    recipe: read("recipe") ?? "",
    c2pa: readC2paFate(read("c2pa")) ?? null,
    likeness: parseFaceScores(read("face"))?.likeness ?? null,
    isUnchanged: read("sha256") === digest,
  };
}

function shown({ file, hasC2paManifest, digitalSourceType, result }: Inspected): string {
  const c2pa = hasC2paManifest
    ? "in the file (its signature is not checked)"
    : result?.c2pa === "lost"
      ? "none: the provider's was lost, because the file had to be changed"
      : "none";
  const lines: (readonly [string, string])[] = [
    ["file", file],
    ["C2PA manifest", c2pa],
    ["made with AI", digitalSourceType ?? (hasC2paManifest ? "see the manifest" : "the file does not say so")],
  ];
  if (result === null) lines.push(["Darkroom", "no mark beside the file: another program stored or copied it"]);
  else {
    const round = result.round === 0 ? "" : `, round ${result.round}`;
    const part = result.part === null ? "" : `, ${result.part}`;
    lines.push(
      ["portrait", `${result.index} of ${result.batch}${round}${part}`],
      ["provider", result.simulated ? `${result.provider} (simulated)` : result.provider],
      ["recipe", result.recipe],
      ["fingerprint", result.fingerprint],
      ["content", result.isUnchanged ? "as it was stored" : "changed since it was stored"],
    );
    if (result.likeness !== null) lines.push(["likeness", `${result.likeness} of 100`]);
  }
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join("\n");
}

const INSPECT_HELP = `
Examples:
  $ darkroom inspect enhanced/anna.jpg
  $ darkroom inspect s3://photos/enhanced/anna.jpg --json`;
