import { DarkroomError, isDarkroomError, type InputFault } from "./errors.ts";

type Results<Checks extends readonly (() => unknown)[]> = { [Place in keyof Checks]: ReturnType<Checks[Place]> };

/**
 * Runs independent checks of an input, so that one error names every fault.
 *
 * @returns the result of each check
 * @throws DarkroomError `invalid_input` with all faults; any other error at once, unless a check has already failed
 */
export function checkAll<const Checks extends readonly (() => unknown)[]>(checks: Checks): Results<Checks> {
  const failed: DarkroomError[] = [];
  const results = checks.map((check) => {
    try {
      return check();
    } catch (error) {
      if (isDarkroomError(error, "invalid_input")) failed.push(error);
      else if (failed.length === 0) throw error;
      return undefined;
    }
  });
  const [first] = failed;
  if (first === undefined) return results as Results<Checks>;
  if (failed.length === 1) throw first;
  const message = failed.map((error) => error.message).join(" ");
  throw new DarkroomError("invalid_input", message, {
    ...(first.field === undefined ? {} : { field: first.field }),
    faults: failed.flatMap(faultsOf),
    cause: first,
  });
}

/** Returns an error's messages by field. */
export function faultsOf({ faults, field, message }: DarkroomError): readonly InputFault[] {
  return faults.length > 0 ? faults : [{ field, message }];
}
