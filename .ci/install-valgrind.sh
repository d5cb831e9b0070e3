# valgrind counts instructions for benches/instructions.py. From the distribution, and so not pinned: what it counts is the
# program's own, whatever its version. Elsewhere than on Linux nothing is counted.
valgrind_now() {
  local root=()
  [[ $(id -u) -eq 0 ]] || root=(sudo)
  retry "${root[@]}" apt-get update -qq
  retry "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends valgrind >/dev/null
}
if [[ $(uname -s) == Linux ]] && ! command -v valgrind >/dev/null; then
  valgrind_now
fi
