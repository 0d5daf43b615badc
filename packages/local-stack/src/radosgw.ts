import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DarkroomError } from "@darkroom/core";
import { freePort } from "./free-port.ts";
import { leash } from "./leash.ts";
import { endProcesses, processLife } from "./process-life.ts";
import { cephConfig } from "./radosgw-config.ts";
import { radosgwLibraries } from "./radosgw-packages.ts";
import { lastLine, runCommand } from "./run-command.ts";
import { httpAnswers, newCredentials, type Credentials, type S3Server } from "./s3-server.ts";
import { waitUntil } from "./wait-until.ts";

const COMMAND_TIMEOUT_MS = 60_000;
const START_TIMEOUT_MS = 60_000;
/** No data is kept, so the processes need no time to write data. */
const END_GRACE_MS = 0;
/** Number of attempts, because a free port may be taken before it is used. */
const TRIES = 3;

/**
 * Starts Ceph's S3 gateway with an in-memory store, in the system's temporary folder.
 *
 * @throws DarkroomError `storage_unavailable` with the last output of the daemon that failed
 */
export async function startRadosgw(): Promise<S3Server> {
  const credentials = newCredentials();
  for (let tries = 1; ; tries++) {
    const cluster = new Cluster(await mkdtemp(join(tmpdir(), "darkroom-s3-")));
    try {
      const endpoint = await bringUp(cluster, credentials);
      return {
        endpoint,
        region: "us-east-1",
        ...credentials,
        forcePathStyle: true,
        how: "Ceph's radosgw with an in-memory store",
        close: () => cluster.close(),
      };
    } catch (error) {
      await cluster.close();
      if (tries === TRIES) throw error;
    }
  }
}

async function bringUp(cluster: Cluster, { accessKeyId, secretAccessKey }: Credentials): Promise<string> {
  const { dir } = cluster;
  const [monPort, gatewayPort] = [await freePort(), await freePort()];
  const fsid = randomUUID();
  const osd = randomUUID();
  for (const part of ["mon", "osd", "rgw", "run", "log"]) await mkdir(join(dir, part));
  const libraries = (await radosgwLibraries()) ?? "/usr/lib";
  await writeFile(cluster.config, cephConfig({ dir, fsid, monPort, gatewayPort, libraries }));

  const keyring = join(dir, "keyring");
  const monmap = join(dir, "monmap");
  const everything = ["mon", "osd", "mgr"].flatMap((part) => ["--cap", part, "allow *"]);
  await cluster.run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "client.admin", ...everything);
  await cluster.run("ceph-authtool", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *");
  await cluster.run("ceph-authtool", keyring, "--gen-key", "-n", "client.rgw", ...RGW_MAY);
  await cluster.run("ceph-authtool", keyring, "--gen-key", "-n", "osd.0", ...OSD_MAY);
  await cluster.run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", `[v2:127.0.0.1:${monPort}]`, monmap);
  await cluster.run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring);

  cluster.start("ceph-mon", "-i", "a");
  await cluster.run("ceph", "osd", "new", osd);
  await cluster.run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd);
  cluster.start("ceph-osd", "-i", "0");

  // Waits until the store accepts writes.
  const keys = ["--access-key", accessKeyId, "--secret-key", secretAccessKey];
  const user = ["user", "create", "--uid", "darkroom", "--display-name", "darkroom", ...keys];
  await cluster.run("radosgw-admin", "--id", "rgw", ...user);
  cluster.start("radosgw", "--id", "rgw", "-n", "client.rgw");
  const endpoint = `http://127.0.0.1:${gatewayPort}`;
  const up = await waitUntil(async () => cluster.hasDead() || (await httpAnswers(endpoint)), START_TIMEOUT_MS, 50);
  if (!up || cluster.hasDead()) throw new DarkroomError("storage_unavailable", await cluster.lastWords());
  return endpoint;
}

const RGW_MAY = ["--cap", "mon", "allow rwx", "--cap", "osd", "allow rwx"];
const OSD_MAY = ["--cap", "mon", "allow profile osd", "--cap", "osd", "allow *"];

/** The folder and processes of one Ceph. Removed together, even when this process is killed. */
class Cluster {
  readonly dir: string;
  readonly config: string;
  readonly #daemons: { readonly name: string; readonly pid: number; readonly letGo: () => void }[] = [];
  readonly #letGoOfDir: () => void;

  constructor(dir: string) {
    this.dir = dir;
    this.config = join(dir, "ceph.conf");
    this.#letGoOfDir = leash('rm -rf "$1"', [dir]);
  }

  /** Runs one of Ceph's programs to its end. */
  async run(program: string, ...args: string[]): Promise<void> {
    const result = await runCommand(program, ["-c", this.config, ...args], { timeoutMs: COMMAND_TIMEOUT_MS });
    if (result.ok) return;
    // Omits the arguments, because they may contain a key.
    throw new DarkroomError("storage_unavailable", `${program} failed: ${lastLine(result.stderr)}`);
  }

  /** Starts one of Ceph's programs in its own process group, in the foreground, so that its pid is known. */
  start(program: string, ...args: string[]): void {
    const out = openSync(this.#outputOf(program), "a");
    const child = spawn(program, ["-f", "-c", this.config, ...args], { detached: true, stdio: ["ignore", out, out] });
    closeSync(out);
    child.on("error", () => undefined);
    child.unref();
    const { pid } = child;
    if (pid === undefined) throw new DarkroomError("storage_unavailable", `${program} could not be started.`);
    const letGo = leash('kill -9 "$1"', [String(pid)]);
    child.once("exit", letGo);
    this.#daemons.push({ name: program, pid, letGo });
  }

  hasDead(): boolean {
    return this.#daemons.some(({ pid }) => processLife(pid) === undefined);
  }

  /** Returns the last output of the daemon that ended. */
  async lastWords(): Promise<string> {
    const dead = this.#daemons.find(({ pid }) => processLife(pid) === undefined);
    if (dead === undefined) return "The gateway runs, but does not answer.";
    const words = await readFile(this.#outputOf(dead.name), "utf8").catch(() => "");
    return `${dead.name} ended: ${lastLine(words)}`;
  }

  async close(): Promise<void> {
    const pids = this.#daemons.map(({ pid }) => pid);
    await endProcesses(pids, END_GRACE_MS);
    for (const { letGo } of this.#daemons) letGo();
    this.#daemons.length = 0;
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 });
    this.#letGoOfDir();
  }

  #outputOf(program: string): string {
    return join(this.dir, "log", `${program}.out`);
  }
}
