export interface CephLayout {
  /** Contains all of Ceph's files: data, keys, logs. */
  readonly dir: string;
  readonly fsid: string;
  readonly monPort: number;
  readonly gatewayPort: number;
  /** For example `/usr/lib/x86_64-linux-gnu`. */
  readonly libraries: string;
}

/**
 * Returns the settings of the smallest Ceph that serves S3: one monitor, one in-memory store and one gateway, all on
 * loopback. Without replication or durability.
 */
export function cephConfig({ dir, fsid, monPort, gatewayPort, libraries }: CephLayout): string {
  return `[global]
fsid = ${fsid}
mon host = [v2:127.0.0.1:${monPort}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
keyring = ${dir}/keyring
run dir = ${dir}/run
admin socket = ${dir}/run/$name.asok
pid file = ${dir}/run/$name.pid
log file = ${dir}/log/$name.log
plugin dir = ${libraries}/ceph
erasure code dir = ${libraries}/ceph/erasure-code
osd class dir = ${libraries}/rados-classes
auth allow insecure global id reclaim = false
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
paxos propose interval = 0.02
paxos min wait = 0.01
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0

[mon.a]
mon data = ${dir}/mon
mon data avail crit = 1
mon data avail warn = 1
mon cluster log file = ${dir}/log/cluster.log

[osd.0]
osd data = ${dir}/osd
osd objectstore = memstore
memstore device bytes = 2147483648
osd op num shards = 2

[client.rgw]
rgw data = ${dir}/rgw
rgw frontends = beast endpoint=127.0.0.1:${gatewayPort}
rgw dns name = localhost
rgw thread pool size = 64
rgw run sync thread = false
rgw enable usage log = false
rgw lc debug interval = 10
`;
}
