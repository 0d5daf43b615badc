import { StringDecoder } from "node:string_decoder";
import { Assembler } from "stream-json/core/assembler.js";
import { jsonParser, type Token } from "stream-json/core/parser.js";
import {
  recordOf,
  withoutByteOrderMark,
  type EnhanceHooks,
  type HttpHead,
  type StreamSink,
  type VendorRecord,
} from "@darkroom/provider-kit";
import { Base64Picture } from "./base64-picture.ts";

/**
 * Limit for all pictures of one answer. Four pictures of 4096 px a side are smaller, unless they are PNGs of pure
 * noise.
 */
const MAX_PICTURES_BYTES = 134_217_728;
/** Limit for everything in an answer that is not a picture. */
const MAX_TEXT_CHARS = 1_048_576;

/** Why the read of an answer was abandoned. */
export type ReadingFault = "malformed" | "too_large";

/**
 * Parses the answer to an enhancement, `{images, download_urls, known_subjects}`, as a stream: in any order, with any
 * white space and unknown fields. Decodes its pictures as their text arrives.
 */
export class AnswerReader implements StreamSink {
  readonly #decoder = new StringDecoder("utf8");
  readonly #parse = jsonParser({ packStrings: false, streamKeys: false, streamNumbers: false });
  readonly #assembler = new Assembler();
  readonly #onPictureBytes: EnhanceHooks["onPictureBytes"];
  readonly #maxPicturesBytes: number;
  #pictures: Uint8Array[] = [];
  #picture: Base64Picture | undefined;
  #pictureBytes = 0;
  #text = "";
  #textChars = 0;
  #depth = 0;
  #field = "";
  #fault: ReadingFault | undefined;
  #whole = false;
  #hasBegun = false;

  /**
   * @param onPictureBytes see the hook of the same name
   * @param maxPicturesBytes defaults to {@link MAX_PICTURES_BYTES}
   */
  constructor(onPictureBytes?: EnhanceHooks["onPictureBytes"], maxPicturesBytes = MAX_PICTURES_BYTES) {
    this.#onPictureBytes = onPictureBytes;
    this.#maxPicturesBytes = maxPicturesBytes;
  }

  accepts(head: HttpHead): boolean {
    return head.status === 200;
  }

  feed(chunk: Buffer): Promise<void> | undefined {
    if (this.finished) return undefined;
    try {
      const text = this.#decoder.write(chunk);
      const read = this.#parse(this.#hasBegun ? text : withoutByteOrderMark(text));
      this.#hasBegun ||= text !== "";
      if (typeof read === "symbol") return undefined;
      for (const token of read.values) this.#take(token);
    } catch {
      this.#fault ??= "malformed";
    }
    return this.finished || this.#pictureBytes === 0 ? undefined : this.#onPictureBytes?.(this.#pictureBytes);
  }

  /** True when the rest is not needed. */
  get finished(): boolean {
    return this.#whole || this.#fault !== undefined;
  }

  get fault(): ReadingFault | undefined {
    return this.#fault;
  }

  /** The answer's fields without its pictures; undefined while incomplete. */
  get answer(): VendorRecord | undefined {
    return this.#whole && this.#fault === undefined ? recordOf(this.#assembler.current) : undefined;
  }

  /** The pictures within the answer, in order. */
  get pictures(): readonly Uint8Array[] {
    return this.#pictures;
  }

  #take(token: Token): void {
    const { name } = token;
    if (name === "startString") {
      if (this.#depth === 2 && this.#field === "images") this.#picture = new Base64Picture();
    } else if (name === "stringChunk") {
      this.#addText(token.value);
    } else if (name === "endString") {
      this.#endString();
    } else {
      if (name === "startObject" || name === "startArray") this.#depth += 1;
      if (name === "endObject" || name === "endArray") this.#depth -= 1;
      if (name === "keyValue") this.#key(token.value);
      this.#assembler.consume(token);
      this.#whole = this.#depth === 0;
    }
  }

  #key(key: string): void {
    if (this.#depth === 1) this.#field = key;
    this.#count(key);
  }

  #addText(text: string): void {
    if (this.#picture === undefined) {
      this.#count(text);
      this.#text += text;
      return;
    }
    const before = this.#picture.sizeBytes;
    this.#picture.add(text);
    this.#pictureBytes += this.#picture.sizeBytes - before;
    if (this.#pictureBytes > this.#maxPicturesBytes) this.#tooLarge();
  }

  #endString(): void {
    if (this.#picture !== undefined) this.#pictures.push(this.#picture.end());
    this.#assembler.consume({ name: "stringValue", value: this.#picture === undefined ? this.#text : "" });
    this.#picture = undefined;
    this.#text = "";
  }

  #count(text: string): void {
    this.#textChars += text.length;
    if (this.#textChars > MAX_TEXT_CHARS) this.#tooLarge();
  }

  #tooLarge(): never {
    this.#fault = "too_large";
    this.#pictures = [];
    this.#picture = undefined;
    throw new Error("the answer is too large");
  }
}
