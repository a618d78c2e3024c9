#!/bin/sh
# valkey.sh CONFIG [OPTION...]: Valkey as Shelfcast needs it. The password comes from the environment and goes in by
# standard input, so that no file and no process list shows it.
#   VALKEY_PASSWORD     what servers, the replica and tools must show
#   VALKEY_REPLICA_OF   "host port" of the primary to copy; empty for the primary itself
set -eu
replica_of=${VALKEY_REPLICA_OF:+replicaof $VALKEY_REPLICA_OF}
exec valkey-server "$@" - <<END
requirepass "$VALKEY_PASSWORD"
masterauth "$VALKEY_PASSWORD"
$replica_of
END
