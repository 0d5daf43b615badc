-- Creates a batch. createdAt: epoch ms; list: more fields of meta. Returns 1, or 0 if the batch already exists.
-- include feed: announce
local meta, feed = unpack(KEYS)
local spec, createdAt = unpack(ARGV, 1, 2)
local LIST = 3

if redis.call('HSETNX', meta, 'spec', spec) == 0 then return 0 end
redis.call('HSET', meta, 'state', 'ingesting', 'createdAt', createdAt, 'total', 0, 'parts', 0, 'cursor', 0, 'epoch', 0,
  'n0', 0, 'n1', 0, 'n2', 0, 'n3', 0, 'n4', 0, 'n5', 0, 'n6', 0, 'n7', 0, 'costMicroUsd', 0, 'lostMicroUsd', 0,
  'maybeMicroUsd', 0, 'maybeBilled', 0,
  'reportSequence', 0, 'round', 0, 'revision', 0)
for a = LIST, #ARGV, 2 do
  local field, value = unpack(ARGV, a, a + 1)
  redis.call('HSET', meta, field, value)
end
announce('batch.accepted')
return 1
