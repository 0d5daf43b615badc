import { readFileSync } from "node:fs";

export interface ComposeService {
  /** Text as written, including the lines of merged blocks. */
  readonly text: string;
  /** With the default of every `${NAME:-default}`, and a sample value for required variables. */
  readonly environment: Readonly<Record<string, string>>;
}

export function composeText(): string {
  return readFileSync(new URL("../docker-compose.yml", import.meta.url), "utf8");
}

/**
 * Returns the services of docker-compose.yml. Reads only the subset of YAML that the file uses: block mappings indented
 * by two spaces, and anchors at the top that are merged with `<<`.
 */
export function composeServices(): ReadonlyMap<string, ComposeService> {
  const top = blocks(composeText(), 0);
  const anchors = new Map<string, string>();
  for (const { head, body } of top.values()) {
    const anchor = /&([\w-]+)$/.exec(head)?.[1];
    if (anchor !== undefined) anchors.set(anchor, body);
  }
  const services = new Map<string, ComposeService>();
  for (const [name, { body }] of blocks(top.get("services")?.body ?? "", 2)) {
    const text = body.replace(/^( *)<<: \*([\w-]+)$/gm, (_, indent: string, anchor: string) => {
      const merged = anchors.get(anchor);
      if (merged === undefined) throw new Error(`docker-compose.yml merges ${anchor}, which it does not have`);
      return merged.trimEnd().replace(/^ {2}/gm, indent);
    });
    services.set(name, { text, environment: environmentOf(text) });
  }
  return services;
}

function environmentOf(service: string): Record<string, string> {
  const found: Record<string, string> = {};
  const body = blocks(service, 4).get("environment")?.body ?? "";
  for (const [, name = "", value = ""] of body.matchAll(/^ {6}([A-Z]\w*): (.*)$/gm)) {
    found[name] = value
      .replace(/^"(.*)"$/, "$1")
      .replace(/\$\{\w+(?::-([^}]*)|:\?[^}]*)\}/g, (_, fallback: string | undefined) => fallback ?? "sample");
  }
  return found;
}

/** Returns the keys at one indent, each with its own line and the lines below it. */
function blocks(text: string, indent: number): Map<string, { head: string; body: string }> {
  const found = new Map<string, { head: string; body: string }>();
  const key = new RegExp(`^ {${indent}}([\\w-]+):`);
  let current = { head: "", body: "" };
  for (const line of text.split("\n")) {
    if (/^ *(?:#.*)?$/.test(line)) continue;
    const name = key.exec(line)?.[1];
    if (name === undefined) {
      current.body += `${line}\n`;
    } else {
      current = { head: line, body: "" };
      found.set(name, current);
    }
  }
  return found;
}

/** Returns the stages of the Dockerfile, each with its instructions. Joins continued lines. */
export function imageTargets(): ReadonlyMap<string, readonly string[]> {
  const dockerfile = readFileSync(new URL("../infra/docker/Dockerfile", import.meta.url), "utf8");
  const stages = new Map<string, string[]>();
  let stage: string[] = [];
  for (const line of dockerfile.replace(/\\\n\s*/g, "").split("\n")) {
    const name = /^FROM \S+ AS (\S+)$/.exec(line)?.[1];
    if (name !== undefined) stages.set(name, (stage = []));
    else if (line !== "" && !line.startsWith("#")) stage.push(line);
  }
  return stages;
}
