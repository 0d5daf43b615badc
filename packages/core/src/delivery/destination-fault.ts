/** Why a destination currently accepts no results. */
export const DESTINATION_FAULTS = ["denied", "full", "missing", "unavailable", "unusable"] as const;

export type DestinationFault = (typeof DESTINATION_FAULTS)[number];
