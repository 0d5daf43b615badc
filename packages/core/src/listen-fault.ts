import { DarkroomError } from "./errors.ts";

/** Where a server was to listen, and the settings that say so. */
export interface ListenedAt {
  readonly host: string;
  readonly port: number;
  /** The setting that names the port. */
  readonly portSetting: "DARKROOM_PORT" | "DARKROOM_METRICS_PORT";
}

/** Why a server cannot listen, as the setting that is to be changed; any other error as it is. */
export function listenFault(error: unknown, { host, port, portSetting }: ListenedAt): unknown {
  const wrong = (field: string, message: string): DarkroomError =>
    new DarkroomError("invalid_settings", message, { field, cause: error });
  switch ((error as NodeJS.ErrnoException | undefined)?.code ?? "") {
    case "EADDRINUSE":
      return wrong(portSetting, `Port ${port} is taken; set ${portSetting} to another one.`);
    case "EACCES":
      return wrong(portSetting, `Port ${port} is not allowed to this user; set ${portSetting} to one above 1023.`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return wrong("DARKROOM_HOST", `This machine has no address ${host}; set DARKROOM_HOST to one that it has.`);
    default:
      return error;
  }
}

/** True for a {@link listenFault} of a port that another process listens at. */
export function isPortTaken(error: unknown): boolean {
  return error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === "EADDRINUSE";
}
