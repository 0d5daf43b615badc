import { exists, installPackages } from "./debian.ts";
import { runCommand } from "./run-command.ts";

const PACKAGES = ["radosgw", "ceph-mon", "ceph-osd", "ceph-common"];
const PROGRAMS = ["radosgw", "radosgw-admin", "ceph", "ceph-mon", "ceph-osd", "ceph-authtool", "monmaptool"];
const LIBRARIES: Readonly<Record<string, string>> = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

/** Returns Debian's folder of Ceph's runtime libraries; undefined on other machines. */
export async function radosgwLibraries(): Promise<string | undefined> {
  const name = process.platform === "linux" ? LIBRARIES[process.arch] : undefined;
  return name !== undefined && (await exists(`/usr/lib/${name}/rados-classes`)) ? `/usr/lib/${name}` : undefined;
}

/** True when every program that the gateway needs is installed. */
export async function hasRadosgw(): Promise<boolean> {
  if ((await radosgwLibraries()) === undefined) return false;
  const { ok } = await runCommand("/bin/sh", ["-c", 'for p; do command -v "$p" || exit 1; done', "sh", ...PROGRAMS], {
    timeoutMs: 5_000,
  });
  return ok;
}

/** Installs Debian's packages. Needs root. Takes about 15 seconds with a fast mirror. */
export async function installRadosgw(): Promise<void> {
  await installPackages(PACKAGES);
}
