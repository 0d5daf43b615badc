import { connect } from "node:net";

/**
 * Sends one inline command to a Redis on this machine and returns its reply up to the point where `enough` matches.
 * Undefined without a matching reply within `timeoutMs`. Needs no client library.
 */
export function redisCall(
  port: number,
  command: string,
  enough: RegExp,
  timeoutMs: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    let answer = "";
    const finish = (result: string | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => finish(undefined), timeoutMs);
    socket.setEncoding("utf8");
    socket.on("connect", () => socket.write(`${command}\r\n`));
    socket.on("data", (text: string) => {
      answer += text;
      if (enough.test(answer)) finish(answer);
    });
    socket.on("error", () => finish(undefined));
    socket.on("close", () => finish(undefined));
  });
}

/** True when a Redis on this machine is ready: it replies PONG, not "still loading". */
export async function redisServes(port: number): Promise<boolean> {
  const answer = await redisCall(port, "PING", /\r\n/, 1_000);
  return answer?.startsWith("+PONG") ?? false;
}

/** Returns the pid of the Redis that listens on `port`. */
export async function redisPid(port: number): Promise<number | undefined> {
  const answer = await redisCall(port, "INFO server", /process_id:\d+\r\n/, 1_000);
  const pid = answer === undefined ? undefined : /process_id:(\d+)\r\n/.exec(answer)?.[1];
  return pid === undefined ? undefined : Number(pid);
}
