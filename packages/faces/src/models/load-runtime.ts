import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { io } from "@tensorflow/tfjs-core";

/** Runs a model on an input of `size` × `size` × 3 numbers and returns its outputs, the smallest first. */
export type Model = (input: Float32Array) => readonly Float32Array[];

export interface Runtime {
  readonly load: (name: "blazeface" | "facemesh" | "faceres", size: number) => Promise<Model>;
}

const require = createRequire(import.meta.url);

/**
 * Loads TensorFlow's WebAssembly runtime. The models come from the installed package, without a request to the network.
 *
 * @throws an error if a package is not installed, or this machine has no WebAssembly
 */
export async function loadRuntime(): Promise<Runtime> {
  const core = require("@tensorflow/tfjs-core") as typeof import("@tensorflow/tfjs-core");
  const converter = require("@tensorflow/tfjs-converter") as typeof import("@tensorflow/tfjs-converter");
  require("@tensorflow/tfjs-backend-wasm");
  // Importing the backend registers it. Its WebAssembly file is read from the package's folder.
  if (!(await core.setBackend("wasm"))) throw new Error("the WebAssembly backend did not start");
  await core.ready();
  const folder = join(dirname(require.resolve("@vladmandic/human")), "..", "models");

  async function load(name: string, size: number): Promise<Model> {
    const [topology, weights] = await Promise.all([
      readFile(join(folder, `${name}.json`), "utf8"),
      readFile(join(folder, `${name}.bin`)),
    ]);
    const { weightsManifest, ...model } = JSON.parse(topology) as {
      readonly modelTopology: object;
      readonly weightsManifest: readonly { readonly weights: readonly object[] }[];
    };
    const artifacts = {
      ...model,
      weightSpecs: weightsManifest.flatMap((group) => group.weights),
      weightData: Uint8Array.from(weights).buffer,
    };
    const graph = await converter.loadGraphModel({ load: () => Promise.resolve(artifacts as io.ModelArtifacts) });
    return (input) =>
      core.tidy(() => {
        const answer = graph.execute(core.tensor(input, [1, size, size, 3]));
        const outputs = Array.isArray(answer) ? answer : [answer];
        return outputs
          .toSorted((one, other) => one.size - other.size)
          .map((output) => Float32Array.from(output.dataSync()));
      });
  }

  return { load };
}
