# strace puts the faults of tests/faults.rs into system calls, unshare and mount (util-linux) give it disks of its own;
# faketime gives tests/determinism.rs another clock. From the distribution and so not pinned: they belong to its kernel
# and C library. Elsewhere than on Linux the tests do without.
faults_now() {
  local root=()
  [[ $(id -u) -eq 0 ]] || root=(sudo)
  retry "${root[@]}" apt-get update -qq
  retry "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
    strace util-linux faketime >/dev/null
}
if [[ $(uname -s) == Linux ]]; then
  for command in strace unshare mount faketime; do
    command -v "$command" >/dev/null || { faults_now; break; }
  done
fi
