"""Runs the commands of a Markdown file in a folder and compares what they print.

A command is a line that begins with `$ ` in a ```console block. The lines below it are its output, standard error
included; a line `...` stands for any lines, and `...` within a line for any text. A command without lines below it may
print what it likes. ```console exit=1 gives the exit code of the block's last command; all others must end with 0.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

BLOCK = re.compile(r"^```console(?: exit=(\d+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(text):
    """(command, expected lines, exit code) in order of reading."""
    for block in BLOCK.finditer(text):
        found = []
        for line in block[2].splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif found:
                found[-1][1].append(line)
        for number, (command, expected) in enumerate(found):
            last = number == len(found) - 1
            yield command, expected, int(block[1] or 0) if last else 0


def matches(expected, printed):
    """Whether the lines printed are the expected ones, `...` standing for anything."""
    parts = [r"(?:.*\n)*?" if line.strip() == "..." else line_pattern(line) for line in expected]
    return re.fullmatch("".join(parts), "".join(line.rstrip() + "\n" for line in printed)) is not None


def line_pattern(line):
    return ".*".join(re.escape(part) for part in line.rstrip().split("...")) + "\n"


def stranger():
    """The environment of somebody who has just cloned: nothing of the gate's own but where to build."""
    keep = {k: v for k, v in os.environ.items() if k not in ("CI", "PLATC_TEST_FULL", "INSTA_UPDATE")}
    return keep


def main():
    document, folder = Path(sys.argv[1]), Path(sys.argv[2])
    environment = stranger()
    environment["CARGO_INSTALL_ROOT"] = str(folder.parent / "installed")
    environment["PATH"] = f"{environment['CARGO_INSTALL_ROOT']}/bin:{environment['PATH']}"
    wrong = ran = 0
    for command, expected, code in commands(document.read_text()):
        begin = time.monotonic()
        done = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=environment, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        ran += 1
        # What cargo says about building is not the command's own.
        printed = [line for line in done.stdout.splitlines() if not re.match(r"\s+(Compiling|Finished|Running|Download|Updating|Locking|Adding|Blocking)", line)]
        good = done.returncode == code and (not expected or matches(expected, printed))
        print(f"{'ok' if good else 'WRONG':5} {time.monotonic() - begin:6.1f} s  {command}")
        if not good:
            wrong += 1
            print(f"  exit {done.returncode}, expected {code}; printed:")
            print("".join(f"    {line}\n" for line in printed[-60:]), end="")
            if expected:
                print("  expected:")
                print("".join(f"    {line}\n" for line in expected), end="")
    print(f"{document}: {ran} commands, {wrong} wrong")
    sys.exit(1 if wrong or not ran else 0)


main()
