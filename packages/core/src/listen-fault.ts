import { DarkroomError } from "./errors.ts";

/** A server's address, and the settings that determine it. */
export interface ListenedAt {
  readonly host: string;
  readonly port: number;
  /** The setting of the port. */
  readonly portSetting: "DARKROOM_PORT" | "DARKROOM_METRICS_PORT";
}

/** Explains why a server cannot listen, with the setting to change; returns any other error unchanged. */
export function listenFault(error: unknown, { host, port, portSetting }: ListenedAt): unknown {
  const wrong = (field: string, message: string): DarkroomError =>
    new DarkroomError("invalid_settings", message, { field, cause: error });
  switch ((error as NodeJS.ErrnoException | undefined)?.code ?? "") {
    case "EADDRINUSE":
      return wrong(portSetting, `Port ${port} is in use; set ${portSetting} to another one.`);
    case "EACCES":
      return wrong(portSetting, `Port ${port} requires more privileges; set ${portSetting} to one above 1023.`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return wrong(
        "DARKROOM_HOST",
        `This machine does not have the address ${host}; set DARKROOM_HOST to one that it has.`,
      );
    default:
      return error;
  }
}

/** True for a {@link listenFault} of a port that another process uses. */
export function isPortTaken(error: unknown): boolean {
  return error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === "EADDRINUSE";
}
