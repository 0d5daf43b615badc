import { expect, test } from "vitest";
import { checkTimer, dueNow, nextDueTimes } from "./due-times.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Returns due times as UTC, without seconds. */
function next(cron: string, timeZone: string, after: string, count: number): readonly string[] {
  const times = nextDueTimes({ cron, timeZone }, Date.parse(after), count);
  return times.map((ms) => new Date(ms).toISOString().slice(0, 16));
}

test.each([
  ["Europe/Berlin", "30 2 * * *", "2026-03-28T12:00Z", ["2026-03-29T01:00", "2026-03-30T00:30"]],
  ["Europe/Berlin", "0 2 * * *", "2026-03-28T12:00Z", ["2026-03-29T01:00", "2026-03-30T00:00"]],
  ["America/New_York", "30 2 * * *", "2027-03-13T12:00Z", ["2027-03-14T07:00", "2027-03-15T06:30"]],
  ["America/Havana", "0 0 * * *", "2027-03-13T12:00Z", ["2027-03-14T05:00", "2027-03-15T04:00"]],
  ["Africa/Cairo", "30 0 * * *", "2026-04-23T12:00Z", ["2026-04-23T22:00", "2026-04-24T21:30"]],
  ["Australia/Lord_Howe", "15 2 * * *", "2026-10-03T12:00Z", ["2026-10-03T15:30", "2026-10-04T15:15"]],
])("is due at the end of the hour that does not exist: %s, %s", (zone, cron, after, times) => {
  expect(next(cron, zone, after, times.length)).toEqual(times);
});

test("is due once at several times in the hour that does not exist", () => {
  const times = ["2026-03-29T01:00", "2026-03-30T00:00", "2026-03-30T00:30"];
  expect(next("0,30 2 * * *", "Europe/Berlin", "2026-03-29T00:30Z", 3)).toEqual(times);
});

test.each([
  ["Europe/Berlin", "30 2 * * *", "2026-10-24T12:00Z", ["2026-10-25T00:30", "2026-10-26T01:30"]],
  ["America/New_York", "30 1 * * *", "2026-10-31T12:00Z", ["2026-11-01T05:30", "2026-11-02T06:30"]],
  ["Australia/Lord_Howe", "45 1 * * *", "2027-04-03T12:00Z", ["2027-04-03T14:45", "2027-04-04T15:15"]],
])("is due once at a time that comes twice: %s, %s", (zone, cron, after, times) => {
  expect(next(cron, zone, after, times.length)).toEqual(times);
});

test("is due once at each of several times in the hour that comes twice", () => {
  const times = ["2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T13:00", "2026-10-25T13:30"];
  expect(next("0,30 2,14 * * *", "Europe/Berlin", "2026-10-24T20:00Z", 4)).toEqual(times);
});

test("is due in both of the hours that come twice, if its pattern has a step", () => {
  const times = ["2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30", "2026-10-25T02:00"];
  expect(next("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:45Z", 5)).toEqual(times);
});

test("is due at a fixed time of a zone without daylight-saving time", () => {
  expect(next("30 2 * * *", "Asia/Kolkata", "2026-03-28T12:00Z", 2)).toEqual(["2026-03-28T21:00", "2026-03-29T21:00"]);
});

test.each([
  ["@daily", "2026-11-23T00:00"],
  ["@Hourly", "2026-11-22T13:00"],
])("is due at the times of %s", (cron, due) => {
  expect(next(cron, "UTC", "2026-11-22T12:00Z", 1)).toEqual([due]);
  expect(() => checkTimer({ cron, timeZone: "UTC" }, 0)).not.toThrow();
});

test.each([
  ["61 2 * * *", /not a schedule: .*61/],
  ["every night please", /not a schedule: it must have five fields .* or be @hourly, @daily/],
  ["@reboot", /not a schedule: it must have five fields/],
  ["0 2 30 2 *", /no such time ever comes/],
  ["0 0 2 * * * 2030", /not a schedule/],
])("refuses the pattern %s", (cron, why) => {
  expect(() => checkTimer({ cron, timeZone: "UTC" }, 0)).toThrow(why);
});

const createdAt = "2026-11-22T02:00:00.000Z";
const created = Date.parse(createdAt);
const everyMinute = { cron: "* * * * *", timeZone: "UTC", createdAt };

test.each([
  ["before the first time", { ...everyMinute }, created + MINUTE - 1, undefined],
  ["at the first time", { ...everyMinute }, created + MINUTE, { dueMs: created + MINUTE, count: 1, isMissed: false }],
  [
    "after several",
    { ...everyMinute, handledMs: created + MINUTE },
    created + 4 * MINUTE + 10,
    { dueMs: created + 4 * MINUTE, count: 3, isMissed: false },
  ],
  [
    "after more than are counted",
    { ...everyMinute },
    created + 30 * 24 * HOUR + 10,
    { dueMs: created + 30 * 24 * HOUR, count: 100, isMissed: false },
  ],
  [
    "five minutes late",
    { ...everyMinute, cron: "0 3 * * *" },
    created + HOUR + 5 * MINUTE,
    { dueMs: created + HOUR, count: 1, isMissed: false },
  ],
  [
    "more than five minutes late",
    { ...everyMinute, cron: "0 3 * * *" },
    created + HOUR + 5 * MINUTE + 1,
    { dueMs: created + HOUR, count: 1, isMissed: true },
  ],
  ["while it is paused", { ...everyMinute, paused: { at: created } }, created + HOUR, undefined],
  ["after the clock was set back a little", { ...everyMinute, handledMs: created + HOUR }, created, undefined],
  [
    "after a clock was wrong by more than an hour",
    { ...everyMinute, handledMs: created + HOUR + 1 },
    created,
    { dueMs: created, count: 0, isMissed: true },
  ],
])("knows what is due %s", (_, schedule, nowMs, due) => {
  expect(dueNow(schedule, nowMs)).toEqual(due);
});
