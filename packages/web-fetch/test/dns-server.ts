import { createSocket } from "node:dgram";
import { once } from "node:events";

const HEADER_BYTES = 12;
const AAAA = 28;

/** Answers a question: addresses, or undefined for no answer at all. */
export type DnsAnswerer = (name: string, family: 4 | 6) => readonly string[] | undefined;

/** Starts a DNS server for questions about addresses. */
export async function startDns(answer: DnsAnswerer) {
  const socket = createSocket("udp4");
  socket.on("message", (question, { port, address }) => {
    const { name, end } = nameAt(question);
    const family = question.readUInt16BE(end) === AAAA ? 6 : 4;
    const addresses = answer(name, family);
    if (addresses === undefined) return;
    const header = Buffer.from(question.subarray(0, HEADER_BYTES));
    header.writeUInt16BE(0x81_80, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(addresses.length, 6);
    header.writeUInt32BE(0, 8);
    const records = addresses.map((each) => recordOf(each, family));
    socket.send(Buffer.concat([header, question.subarray(HEADER_BYTES, end + 4), ...records]), port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    server: `127.0.0.1:${socket.address().port}`,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, "close");
    },
  };
}

/** Returns the asked name, and where it ends. */
function nameAt(message: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join("."), end: at + 1 };
}

/** An answer that names the question, with a lifetime of 0 s. */
function recordOf(address: string, family: 4 | 6): Buffer {
  const data = family === 4 ? Buffer.from(address.split(".").map(Number)) : bytesOfV6(address);
  const head = Buffer.from([0xc0, 0x0c, 0, family === 4 ? 1 : AAAA, 0, 1, 0, 0, 0, 0, 0, data.length]);
  return Buffer.concat([head, data]);
}

function bytesOfV6(address: string): Buffer {
  const [head = "", tail = ""] = address.split("::");
  const groups = (text: string): readonly number[] =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const [first, last] = [groups(head), groups(tail)];
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}
