import type { S3Client } from "@aws-sdk/client-s3";
import type { ObjectStore } from "@darkroom/core";
import { createS3Client, type S3Settings } from "./s3-client.ts";
import { S3Store } from "./s3-store.ts";
import type { S3Location } from "./urls.ts";

/** The S3 stores of a process, which share clients. */
export class S3Stores {
  readonly #settings: S3Settings;
  readonly #clients = new Map<"own" | "link", S3Client>();

  constructor(settings: S3Settings) {
    this.#settings = settings;
  }

  open(location: S3Location): ObjectStore {
    return new S3Store(location, {
      client: () => this.#clientFor("own"),
      linkClient: () => this.#clientFor(this.#settings.linkEndpoint === undefined ? "own" : "link"),
    });
  }

  close(): void {
    for (const client of this.#clients.values()) client.destroy();
    this.#clients.clear();
  }

  #clientFor(use: "own" | "link"): S3Client {
    const { endpoint, linkEndpoint } = this.#settings;
    const made =
      this.#clients.get(use) ?? createS3Client(this.#settings, use === "link" ? (linkEndpoint ?? endpoint) : endpoint);
    this.#clients.set(use, made);
    return made;
  }
}
