#!/usr/bin/env bash
# What must not stand in a committed file: the host of a package registry (a lock file written behind a mirror would
# carry it), a lock file of npm, a path of somebody's machine, an unfinished merge. Brackets in the patterns keep this
# file from finding itself.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
found=0

# forbid WHAT PATTERN [PATHSPEC…]
forbid() {
  local what=$1 pattern=$2
  shift 2
  local hits
  if hits=$(git grep -nIE -e "$pattern" -- "${@:-.}"); then
    printf '%s:\n%s\n' "$what" "$hits"
    found=1
  fi
}

forbid 'the host of a package registry' \
  'registry[.]npmjs[.]org|registry[.]yarnpkg[.]com|files[.]pythonhosted[.]org|pypi[.]org|(static|index)[.]crates[.]io|proxy[.]golang[.]org|sum[.]golang[.]org|deb[.]debian[.]org'
forbid 'a path of one machine' '(^|[^a-zA-Z0-9_.])/(hom[e]|Us[e]rs|wor[k]|far[m])/[a-z]'
forbid 'an unfinished merge' '^(<{7}|>{7}) ' . ':!tests' # tests hold some on purpose
forbid 'an action that is not pinned by digest' 'uses: [^.@]+@([0-9a-f]{0,39})([^0-9a-f]|$)' .github examples src/cli/init

for name in package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml .npmrc; do
  if hits=$(git ls-files -- "$name" "*/$name") && [[ -n $hits ]]; then
    printf 'a lock file of npm, which names a registry:\n%s\n' "$hits"
    found=1
  fi
done

large=$(git ls-files -z | xargs -0 -r stat -c '%s %n' 2>/dev/null | awk '$1 > 1048576')
if [[ -n $large ]]; then
  printf 'a file over 1 MiB:\n%s\n' "$large"
  found=1
fi
exit "$found"
