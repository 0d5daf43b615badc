import { execFileSync } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PICTURE = "examples/team/design/portrait-01.jpg";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "darkroom-clone-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it("a clone by git for Windows has line ends that a shell reads, and unchanged pictures", async () => {
  const [original, clone] = [join(folder, "original"), join(folder, "clone")];
  const git = (cwd: string, ...args: string[]) =>
    execFileSync("git", ["-c", "core.autocrlf=true", "-c", "user.name=x", "-c", "user.email=x@example.com", ...args], {
      cwd,
      env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
      stdio: ["ignore", "ignore", "pipe"],
    });
  await mkdir(original);
  for (const name of ["darkroom", ".gitattributes"]) await copyFile(join(ROOT, name), join(original, name));
  await copyFile(join(ROOT, PICTURE), join(original, "picture.jpg"));
  await writeFile(join(original, "notes.md"), "one\ntwo\n");
  git(original, "init", "--quiet");
  git(original, "add", "--all");
  git(original, "commit", "--quiet", "--message", "files");
  git(folder, "clone", "--quiet", original, clone);
  for (const name of ["darkroom", "notes.md"]) expect(await readFile(join(clone, name), "latin1")).not.toContain("\r");
  expect(await readFile(join(clone, "picture.jpg"))).toEqual(await readFile(join(ROOT, PICTURE)));
});
