"""Counts the instructions of three fixed runs, and holds them against benches/instructions.json.

    cargo build --release
    bash .ci/tools.sh readers valgrind
    .ci/tools/venv/bin/python benches/instructions.py            # more than 5 % above the file: exit 1
    .ci/tools/venv/bin/python benches/instructions.py --renew    # writes the file

A count does not depend on what else the machine does, as a time would. Nor does it depend on which x86-64 processor that is:
valgrind shows every program the same one, with AVX2 and nothing newer, so that glibc, memchr and sha2 take the
same ways. A processor without AVX2, or of another kind, cannot be compared: then nothing is counted.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "benches/instructions.json"
WORSE = 1.05
RENEW = "if that is meant, renew the counts with `.ci/tools/venv/bin/python benches/instructions.py --renew` and say why in the commit"


def is_comparable():
    """Whether this machine counts what others do."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return False
    return re.search(r"^flags\s*:.*\bavx2\b", Path("/proc/cpuinfo").read_text(), re.MULTILINE) is not None


def count(binary, folder, *arguments, codes=(0,)):
    """The instructions of one run, on one thread, that ends with one of these codes."""
    command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", binary]
    # Nothing of this shell's own environment: its size shifts the stack, its variables what is looked up.
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    done = subprocess.run([*command, *arguments, "--jobs", "1"], cwd=folder, env=environment, capture_output=True, text=True)
    counted = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if done.returncode not in codes or not counted:
        raise SystemExit(f"exit {done.returncode}: platc {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}")
    return int(counted[1].replace(",", ""))


def fleet(folder, environments):
    """A project of so many environments."""
    writer = [sys.executable, ROOT / "benches/fleet", folder, "--environments", str(environments), "--for", "platc"]
    subprocess.run(writer, check=True, stdout=subprocess.DEVNULL)
    return folder / "platc"


def measure(binary, scratch):
    """All counts, by what is counted."""
    few, more = (count(binary, fleet(scratch / f"{n}", n), "render", "--out-dir", scratch / f"trees-{n}") for n in (3, 5))
    return {
        "render prod, no tree yet": count(binary, ROOT, "render", "prod", "--out-dir", scratch / "prod"),
        "validate prod": count(binary, ROOT, "validate", "prod"),
        "a further environment of the fleet": (more - few) // 2,
    }


def compare(counted, recorded):
    """One line for each case; whether none is worse than it may be."""
    good = True
    for name, now in counted.items():
        before = recorded.get(name)
        ratio = now / before if before else float("inf")
        good &= ratio <= WORSE
        verdict = "ok" if ratio <= WORSE else f"WORSE by more than {WORSE - 1:.0%}"
        print(f"{name}: {now / 1e6:.1f} M instructions, {ratio:.3f} of the {(before or 0) / 1e6:.1f} M recorded: {verdict}")
        if ratio < 2 - WORSE:
            print("  this is better by as much: renew the counts, so that it stays so")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--renew", action="store_true", help="write benches/instructions.json")
    parser.add_argument("--platc", type=Path, default=ROOT / "target/release/platc", metavar="PROGRAM")
    arguments = parser.parse_args()
    if not is_comparable():
        print("not counted: only Linux on an x86-64 processor with AVX2 counts what others do")
        return
    if not shutil.which("valgrind"):
        raise SystemExit("there is no valgrind: `bash .ci/tools.sh valgrind` installs it")
    with tempfile.TemporaryDirectory() as scratch:
        counted = measure(arguments.platc.resolve(), Path(scratch))
    if arguments.renew:
        rounded = {name: round(number, -5) for name, number in counted.items()}
        RECORD.write_text(json.dumps(rounded, indent=2) + "\n")
        for name, number in rounded.items():
            print(f"{name}: {number / 1e6:.1f} M instructions")
    elif not compare(counted, json.loads(RECORD.read_text())):
        raise SystemExit(f"more instructions than recorded: find out what got dearer; {RENEW}")


if __name__ == "__main__":
    main()
