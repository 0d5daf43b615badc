import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import sharp from "sharp";

/** Serves pictures under the paths that a test sets. */
export class PhotoServer {
  readonly #photos = new Map<string, Buffer>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((message, response) => {
      const photo = this.#photos.get(new URL(message.url ?? "/", "http://photos").pathname);
      response.writeHead(photo === undefined ? 404 : 200);
      response.end(photo);
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  put(path: string, bytes: Buffer): string {
    this.#photos.set(path, bytes);
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}?signature=secret`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Draws a plain face on a busy background, with some noise. */
export function drawPortrait(width = 240, height = 320) {
  const lines = Array.from(
    { length: 12 },
    (_, line) =>
      `<rect x="${(line * width) / 12}" y="0" width="${width / 24}" height="${height}" fill="${line % 2 === 0 ? "#345" : "#786"}"/>`,
  ).join("");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#567"/>${lines}
    <ellipse cx="${width / 2}" cy="${height * 0.42}" rx="${width * 0.24}" ry="${height * 0.28}" fill="#c08a6a"/>
    <circle cx="${width * 0.42}" cy="${height * 0.38}" r="${width * 0.02}" fill="#222"/>
    <circle cx="${width * 0.58}" cy="${height * 0.38}" r="${width * 0.02}" fill="#222"/></svg>`;
  return sharp(Buffer.from(svg)).flatten();
}

/** Returns the mean absolute difference of two pictures of the same size, in levels of 255. */
export async function meanDifference(one: Buffer, other: Buffer): Promise<number> {
  const [a, b] = await Promise.all(
    [one, other].map((bytes) => sharp(bytes).autoOrient().removeAlpha().toColourspace("srgb").raw().toBuffer()),
  );
  if (a === undefined || b === undefined || a.length !== b.length) return Number.NaN;
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += Math.abs((a[at] ?? 0) - (b[at] ?? 0));
  return sum / a.length;
}
