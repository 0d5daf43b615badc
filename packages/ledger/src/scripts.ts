import { defineScript } from "@darkroom/redis-kit";

/*
 * Every change of a portrait's state goes through one of these, and each changes state and counts together (P2).
 * KEYS are always, in this order: meta, states, claims, receipts, outcomes, failures, details.
 * State numbers are the places in core's PORTRAIT_STATES: 0 pending, 1 queued, 2 running, 3 retrying, 4 succeeded,
 * 5 skipped, 6 failed, 7 cancelled. In a cancelled batch 0 reads as 7: cancelling a million costs one write.
 */
const PRELUDE = `
local meta, states, claims, receipts, outcomes, failures, details = unpack(KEYS)
local function stateOf(i) return redis.call('BITFIELD', states, 'GET', 'u4', '#' .. i)[1] end
local function move(i, from, to)
  redis.call('BITFIELD', states, 'SET', 'u4', '#' .. i, to)
  redis.call('HINCRBY', meta, 'n' .. from, -1)
  redis.call('HINCRBY', meta, 'n' .. to, 1)
end
local function record(i, code, to, line)
  redis.call('XADD', outcomes, '*', 'line', line)
  if to >= 6 then
    redis.call('HINCRBY', failures, code, 1)
    if redis.call('HLEN', details) < 10000 then redis.call('HSET', details, i, line) end
  end
end
`;

const ledgerScript = (lua: string) => defineScript(PRELUDE + lua);

/** ARGV spec, state, created at (ms) · returns 1, or 0 when the batch exists. */
export const createBatch = ledgerScript(`
if redis.call('HSETNX', meta, 'spec', ARGV[1]) == 0 then return 0 end
redis.call('HSET', meta, 'state', ARGV[2], 'createdAt', ARGV[3], 'total', 0, 'parts', 0, 'cursor', 0, 'epoch', 0,
  'n0', 0, 'n1', 0, 'n2', 0, 'n3', 0, 'n4', 0, 'n5', 0, 'n6', 0, 'n7', 0, 'costMicroUsd', 0, 'maybeBilled', 0, 'reportSequence', 0)
return 1`);

/**
 * Adds one snapshot part. ARGV part, rows, then index and outcome line of each rejected row ·
 * returns 1, or 0 when the part is in already, is out of turn, or the batch takes no more.
 */
export const addPart = ledgerScript(`
if redis.call('HGET', meta, 'parts') ~= ARGV[1] or redis.call('HEXISTS', meta, 'cancelled') == 1 then return 0 end
local rows = tonumber(ARGV[2])
local total = redis.call('HINCRBY', meta, 'total', rows)
redis.call('HINCRBY', meta, 'parts', 1)
redis.call('HINCRBY', meta, 'n0', rows)
redis.call('BITFIELD', states, 'SET', 'u4', '#' .. (total - 1), 0)
for a = 3, #ARGV, 2 do
  move(ARGV[a], 0, 6)
  record(ARGV[a], 'invalid_row', 6, ARGV[a + 1])
end
return 1`);

/** The source is read to its end, or as far as it goes. ARGV what went wrong, or '' · returns the state. */
export const finishIngest = ledgerScript(`
redis.call('HSET', meta, 'ingested', 1)
if ARGV[1] ~= '' then redis.call('HSET', meta, 'sourceFault', ARGV[1]) end
if redis.call('HGET', meta, 'state') == 'ingesting' then redis.call('HSET', meta, 'state', 'running') end
return redis.call('HGET', meta, 'state')`);

/**
 * The next pending portraits from the cursor on, changing nothing. ARGV limit ·
 * returns epoch, the cursor after them, and their indexes; an empty list when the batch may not be dispatched.
 */
export const peekPending = ledgerScript(`
local m = redis.call('HMGET', meta, 'state', 'epoch', 'cursor', 'total', 'n0')
if (m[1] ~= 'running' and m[1] ~= 'ingesting') or m[5] == '0' then return {} end
local cursor, total, limit = tonumber(m[3]), tonumber(m[4]), tonumber(ARGV[1])
local found = { m[2], 0 }
local read = 0
while cursor < total and #found - 2 < limit and read < 65536 do
  local first = math.floor(cursor / 2)
  local chunk = redis.call('GETRANGE', states, first, first + 1023)
  for b = 1, 1024 do
    local byte = string.byte(chunk, b) or 0
    local pair = (first + b - 1) * 2
    if pair >= cursor and pair < total and byte < 16 and #found - 2 < limit then found[#found + 1] = pair end
    if #found - 2 >= limit then
      if pair >= cursor then cursor = pair + 1 end
      break
    end
    if pair + 1 >= cursor and pair + 1 < total and byte % 16 == 0 then found[#found + 1] = pair + 1 end
    cursor = pair + 2
    if cursor >= total or #found - 2 >= limit then break end
  end
  read = read + 1024
end
if cursor > total then cursor = total end
found[2] = cursor
return found`);

/**
 * Marks portraits as queued after their jobs were added. ARGV epoch, cursor, then indexes · returns how many moved.
 * A pause or a resume in between has raised the epoch or changed the state: then nothing is marked, and the jobs find
 * the portraits pending, which a claim accepts.
 */
export const markQueued = ledgerScript(`
local m = redis.call('HMGET', meta, 'state', 'epoch', 'cursor')
if (m[1] ~= 'running' and m[1] ~= 'ingesting') or m[2] ~= ARGV[1] then return 0 end
local moved = 0
for a = 3, #ARGV do
  if stateOf(ARGV[a]) == 0 then
    move(ARGV[a], 0, 1)
    moved = moved + 1
  end
end
if tonumber(ARGV[2]) > tonumber(m[3]) then redis.call('HSET', meta, 'cursor', ARGV[2]) end
return moved`);

/**
 * A worker takes a portrait. ARGV index, token, the dead claimant's token to take over from (or ''), now (ms) · returns
 * {'claimed', receipt or '', cancelled 0|1} · {'held', token} · {'done'} · {'parked'} · {'gone'}.
 */
export const claim = ledgerScript(`
local i, token = ARGV[1], ARGV[2]
local m = redis.call('HMGET', meta, 'state', 'cancelled', 'cursor', 'total')
if not m[1] or tonumber(i) >= tonumber(m[4]) then return {'gone'} end
local state = stateOf(i)
if state > 3 or (state == 0 and m[2]) then return {'done'} end
if state == 2 then
  local holder = redis.call('HGET', claims, i)
  if holder and holder ~= token and holder ~= ARGV[3] then return {'held', holder} end
else
  if m[1] == 'paused' then
    if state ~= 0 then move(i, state, 0) end
    if tonumber(i) < tonumber(m[3]) then redis.call('HSET', meta, 'cursor', i) end
    return {'parked'}
  end
  move(i, state, 2)
end
redis.call('HSET', claims, i, token)
redis.call('HSETNX', meta, 'startedAt', ARGV[4])
return {'claimed', redis.call('HGET', receipts, i) or '', m[2] and 1 or 0}`);

/** Writes the receipt of a claimed portrait. ARGV index, token, receipt · returns 1, or 0 when the claim is lost. */
export const writeReceipt = ledgerScript(`
if redis.call('HGET', claims, ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', receipts, ARGV[1], ARGV[3])
return 1`);

/** Gives a claim back. ARGV index, token, state 1|3, receipt or '' · returns 1, or 0 when the claim is lost. */
export const leave = ledgerScript(`
if redis.call('HGET', claims, ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', claims, ARGV[1])
if ARGV[4] ~= '' then redis.call('HSET', receipts, ARGV[1], ARGV[4]) end
move(ARGV[1], 2, tonumber(ARGV[3]))
return 1`);

/**
 * Ends a portrait. ARGV index, token, state 4…7, outcome code, outcome line, micro-USD, maybe billed 0|1 ·
 * returns {'applied', pending, queued} · {'duplicate'} · {'stale'}.
 */
export const settle = ledgerScript(`
local i, to = ARGV[1], tonumber(ARGV[3])
local state = stateOf(i)
if state > 3 or (state == 0 and redis.call('HEXISTS', meta, 'cancelled') == 1) then return {'duplicate'} end
if state ~= 2 or redis.call('HGET', claims, i) ~= ARGV[2] then return {'stale'} end
redis.call('HDEL', claims, i)
redis.call('HDEL', receipts, i)
move(i, 2, to)
record(i, ARGV[4], to, ARGV[5])
if ARGV[6] ~= '0' then redis.call('HINCRBY', meta, 'costMicroUsd', ARGV[6]) end
if ARGV[7] == '1' then redis.call('HINCRBY', meta, 'maybeBilled', 1) end
local m = redis.call('HMGET', meta, 'n0', 'n1')
return {'applied', m[1], m[2]}`);

/**
 * Ends what is queued or retrying in a cancelled batch. ARGV index and outcome line, in turn · returns how many.
 * Only for portraits whose receipt says that no provider was called; others are claimed and settled by a worker.
 */
export const cancelWaiting = ledgerScript(`
if redis.call('HEXISTS', meta, 'cancelled') == 0 then return 0 end
local moved = 0
for a = 1, #ARGV, 2 do
  local state = stateOf(ARGV[a])
  if (state == 1 or state == 3) and redis.call('HEXISTS', receipts, ARGV[a]) == 0 then
    move(ARGV[a], state, 7)
    record(ARGV[a], 'cancelled', 7, ARGV[a + 1])
    moved = moved + 1
  end
end
return moved`);

/**
 * Puts portraits that lost their job back into the row; in a cancelled batch, ends them. ARGV index, outcome line if no
 * provider was called, outcome line if one was, in turn · returns how many moved.
 */
export const requeueLost = ledgerScript(`
local m = redis.call('HMGET', meta, 'cancelled', 'cursor')
local cursor, moved = tonumber(m[2]), 0
for a = 1, #ARGV, 3 do
  local i = ARGV[a]
  local state = stateOf(i)
  if state >= 1 and state <= 3 then
    redis.call('HDEL', claims, i)
    if m[1] then
      local seen = redis.call('HDEL', receipts, i) == 1
      move(i, state, 7)
      record(i, seen and 'cancelled_in_flight' or 'cancelled', 7, ARGV[a + (seen and 2 or 1)])
      if seen then redis.call('HINCRBY', meta, 'maybeBilled', 1) end
    else
      move(i, state, 0)
      if tonumber(i) < cursor then cursor = tonumber(i) end
    end
    moved = moved + 1
  end
end
if moved > 0 then redis.call('HINCRBY', meta, 'epoch', 1) end
redis.call('HSET', meta, 'cursor', cursor)
return moved`);

/** ARGV reason · returns the state afterwards. */
export const pause = ledgerScript(`
local state = redis.call('HGET', meta, 'state')
if state ~= 'running' and state ~= 'ingesting' then return state end
redis.call('HSET', meta, 'state', 'paused', 'reason', ARGV[1])
return 'paused'`);

export const resume = ledgerScript(`
if redis.call('HGET', meta, 'state') ~= 'paused' then return redis.call('HGET', meta, 'state') end
redis.call('HINCRBY', meta, 'epoch', 1)
redis.call('HDEL', meta, 'reason')
redis.call('HSET', meta, 'state', redis.call('HEXISTS', meta, 'ingested') == 1 and 'running' or 'ingesting')
return redis.call('HGET', meta, 'state')`);

/**
 * Cancels a batch at once, however large. ARGV reason, now (ms) · returns the state afterwards. A pending portrait with
 * a receipt was with the provider before (its batch was paused, or its job was lost): it ends as cancelled in flight.
 */
export const cancel = ledgerScript(`
local m = redis.call('HMGET', meta, 'state', 'cancelled', 'n0')
if not m[1] or m[2] or (m[1] ~= 'running' and m[1] ~= 'ingesting' and m[1] ~= 'paused') then return m[1] end
local pending = tonumber(m[3])
for _, i in ipairs(redis.call('HKEYS', receipts)) do
  if stateOf(i) == 0 then
    local line = { index = tonumber(i), at = tonumber(ARGV[2]), code = 'cancelled_in_flight', billed = 'maybe',
      message = 'cancelled after the provider had been called', attempts = 0, providerMs = 0, costUsd = cjson.null }
    move(i, 0, 7)
    record(i, line.code, 7, cjson.encode(line))
    redis.call('HDEL', receipts, i)
    redis.call('HINCRBY', meta, 'maybeBilled', 1)
    pending = pending - 1
  end
end
redis.call('HSET', meta, 'cancelled', 1, 'state', 'finishing', 'reason', ARGV[1], 'n0', 0)
redis.call('HINCRBY', meta, 'n7', pending)
if pending > 0 then redis.call('HINCRBY', failures, 'cancelled', pending) end
return 'finishing'`);

/** ARGV from-state or '', state, reason or '', now (ms) · returns 1 when it moved. */
export const moveBatch = ledgerScript(`
local state = redis.call('HGET', meta, 'state')
if not state or (ARGV[1] ~= '' and state ~= ARGV[1]) then return 0 end
redis.call('HSET', meta, 'state', ARGV[2])
if ARGV[3] ~= '' then redis.call('HSET', meta, 'reason', ARGV[3]) end
if ARGV[4] ~= '' then redis.call('HSET', meta, 'endedAt', ARGV[4]) end
return 1`);

/** Forgets outcome lines that are in the report now. ARGV part's sequence, id after the last line · returns 1 or 0. */
export const acknowledgeOutcomes = ledgerScript(`
if redis.call('HGET', meta, 'reportSequence') ~= ARGV[1] then return 0 end
redis.call('XTRIM', outcomes, 'MINID', ARGV[2])
redis.call('HINCRBY', meta, 'reportSequence', 1)
return 1`);

/**
 * Begins an ingest, or takes one over. ARGV now (ms) · returns its fence, or 0 when there is no such batch. A fence is
 * higher than every one before it; time is in it, so that it is so even when Redis has forgotten some.
 */
export const beginIngest = ledgerScript(`
if redis.call('HEXISTS', meta, 'spec') == 0 then return 0 end
local fence = math.max(tonumber(redis.call('HGET', meta, 'fence') or 0) + 1, tonumber(ARGV[1]))
redis.call('HSET', meta, 'fence', string.format('%.0f', fence))
return fence`);

/**
 * Counts one snapshot part, and ends the ingest with the last one: a part that is short and the end of the source are
 * one step. ARGV fence, part, rows (0 only at the end), end 0|1, what went wrong with the source or '', then index and
 * outcome line of each rejected row · returns 1, or 0 when another ingest has begun since, the part is out of turn, or
 * the batch takes no more.
 */
export const countPart = ledgerScript(`
local m = redis.call('HMGET', meta, 'fence', 'parts', 'cancelled', 'ingested', 'state')
if m[1] ~= ARGV[1] or m[2] ~= ARGV[2] or m[3] or m[4] then return 0 end
local rows = tonumber(ARGV[3])
if rows > 0 then
  local total = redis.call('HINCRBY', meta, 'total', rows)
  redis.call('HINCRBY', meta, 'parts', 1)
  redis.call('HINCRBY', meta, 'n0', rows)
  redis.call('BITFIELD', states, 'SET', 'u4', '#' .. (total - 1), 0)
  for a = 6, #ARGV, 2 do
    move(ARGV[a], 0, 6)
    record(ARGV[a], 'invalid_row', 6, ARGV[a + 1])
  end
end
if ARGV[4] == '1' then
  redis.call('HSET', meta, 'ingested', 1)
  if ARGV[5] ~= '' then redis.call('HSET', meta, 'sourceFault', ARGV[5]) end
  if m[5] == 'ingesting' then redis.call('HSET', meta, 'state', 'running') end
end
return 1`);
