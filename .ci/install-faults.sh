# strace puts the faults of tests/faults.rs into system calls; unshare and mount (util-linux) give it disks of its own.
# From the distribution and so not pinned: they belong to its kernel. Elsewhere than on Linux the test does not run.
faults_now() {
  local root=()
  [[ $(id -u) -eq 0 ]] || root=(sudo)
  retry "${root[@]}" apt-get update -qq
  retry "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends strace util-linux >/dev/null
}
if [[ $(uname -s) == Linux ]] && ! { command -v strace && command -v unshare && command -v mount; } >/dev/null; then
  once faults "strace util-linux" faults_now
fi
