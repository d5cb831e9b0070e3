"""Times platc against its peers and against what the disk alone costs; prints Markdown for docs/performance.md.

    bash .ci/tools.sh benches/peers.sh                  # the peers; those that are missing are left out
    .ci/tools/venv/bin/python benches/run.py            # everything, some ten minutes
    .ci/tools/venv/bin/python benches/run.py --quick    # fewer pairs, a fleet of 100

All in one run, in interleaved pairs: platc, other, platc, other … Each pair sees the same machine in the same mood, and
the ratio of the two medians holds even where the times themselves do not. Before it times anything it checks that all
contestants make the same documents.
"""

import argparse
import itertools
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".ci/tools/bin"
sys.path.insert(0, str(ROOT / "benches/fleet"))

import documents  # noqa: E402
import environments  # noqa: E402
import kustomize  # noqa: E402
import model  # noqa: E402

SUBJECT = 2  # the environment that is timed alone: a prod one, which uses most of the templates' branches
NAME = f"env-{SUBJECT:04d}"

os.environ["XDG_CACHE_HOME"] = "/dev/null"  # what is kept of a run is used where that is measured, and nowhere else


# ---- running ------------------------------------------------------------------------------------------------------


def spawn(command, folder):
    """Runs a command with its output thrown away; seconds from before the start to after the end."""
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1)]
    here = os.getcwd()
    os.chdir(folder)
    try:
        begin = time.perf_counter()
        process = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
        _, status, usage = os.wait4(process, 0)
        took = time.perf_counter() - begin
    finally:
        os.chdir(here)
        os.close(null)
    if status:
        raise SystemExit(f"exit {os.waitstatus_to_exitcode(status)}: {' '.join(command)}")
    return took, usage.ru_utime + usage.ru_stime


def peak_memory(command, folder):
    """The highest resident size of a run in MiB, asked of the kernel every millisecond while it lasts."""
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            break
        peak = max([peak] + [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")])
        time.sleep(0.001)
    if process.wait():
        raise SystemExit(f"exit {process.returncode}: {' '.join(command)}")
    return peak / 1024


class Contestant:
    """A way to make the tree, or a part of the work. `run` returns seconds; what `prepare` does is not timed."""

    def __init__(self, name, run, prepare=lambda: None):
        self.name, self.run, self.prepare = name, run, prepare

    def once(self):
        self.prepare()
        return self.run()


def pairs(one, other, count, seconds):
    """Two lists of times, taken in turns: `count` pairs, fewer if that would last longer than `seconds`, at least five."""
    times = [], []
    begin = time.monotonic()
    for number in range(count):
        # Who goes first changes too: the second of a pair finds warmer caches.
        for which in (0, 1) if number % 2 else (1, 0):
            times[which].append((one, other)[which].once())
        if number >= 4 and time.monotonic() - begin > seconds:
            break
    return times


# ---- contestants ----------------------------------------------------------------------------------------------------


class Bench:
    def __init__(self, scratch, fleet, platc, floor):
        self.scratch, self.fleet, self.platc, self.floor = scratch, fleet, platc, floor
        self.reference = scratch / "reference"

    def fresh(self, name, folders=False):
        """A place for output that does not exist yet; with `folders`, one that holds the empty folders of a tree."""
        path = self.scratch / name

        def prepare():
            shutil.rmtree(path, ignore_errors=True)
            if folders:
                for folder in {file.parent for file, _ in self.tree}:
                    (path / folder).mkdir(parents=True, exist_ok=True)

        return path, prepare

    @property
    def tree(self):
        """What platc's output must be, as path and document."""
        return [(Path(path), document) for path, document in model.files(documents.artifacts(), environments.merged(SUBJECT))]

    def tool(self, command, folder):
        return lambda: spawn([str(part) for part in command], folder)[0]

    def inside(self, task, source, target, threads=1):
        """The floor's own clock: without starting the process and reading its input."""
        command = [str(self.floor), task, str(source), str(target), str(threads)]
        return lambda: int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) / 1e9

    def render(self, name="platc", what=(NAME,), fresh=True, cache=None):
        path, prepare = self.fresh(name)
        kept = ["--cache-dir", cache] if cache else []
        command = [self.platc, "render", *what, "--out-dir", path, "--quiet", *kept]
        return Contestant(name, self.tool(command, self.fleet / "platc"), prepare if fresh else lambda: None)

    def validate(self, cache):
        return Contestant("validate", self.tool([self.platc, "validate", "--quiet", "--cache-dir", cache], self.fleet / "platc"))

    def touch(self):
        """Makes an overlay say something else than before, in a way that changes its tree."""
        overlay = next((self.fleet / "platc/environments" / NAME).glob("*.yaml"))
        text = overlay.read_text()
        counter = itertools.count(1)
        centre = re.search(r"value: '\d+'", text)

        def prepare():
            overlay.write_text(text.replace(centre[0], f"value: '{next(counter)}'"))

        return prepare, lambda: overlay.write_text(text)

    def peers(self):
        """Those that are installed, each writing the same tree into a folder of its own."""
        python = ROOT / ".ci/tools/venv/bin/python"
        source = self.fleet / f"jsonnet/environments/{NAME}.jsonnet"
        commands = {
            "rsjsonnet": (BIN / "rsjsonnet", lambda to: [BIN / "rsjsonnet", "-S", "-m", to, source]),
            "jrsonnet": (BIN / "jrsonnet", lambda to: [BIN / "jrsonnet", "-S", "-m", to, source]),
            "go-jsonnet": (BIN / "jsonnet", lambda to: [BIN / "jsonnet", "-S", "-m", to, source]),
            "kustomize": (BIN / "kustomize", lambda to: [BIN / "kustomize", "build", self.fleet / f"kustomize/{NAME}", "-o", to]),
            "Jinja2 + PyYAML": (python, lambda to: [python, self.fleet / "jinja/render.py", NAME, to]),
        }
        has_jinja = subprocess.run([python, "-c", "import jinja2"], stderr=subprocess.DEVNULL).returncode == 0
        for name, (program, command) in commands.items():
            if program.exists() and (program != python or has_jinja):
                path, prepare = self.fresh(name.split()[0], folders=True)
                yield Contestant(name, self.tool(command(path), self.fleet), prepare)
            else:
                print(f"{name} is not installed: bash .ci/tools.sh benches/peers.sh", file=sys.stderr)


# ---- the same documents? --------------------------------------------------------------------------------------------


def check(bench, contestant):
    """Runs a contestant once and compares what it wrote, document by document, with what the generator says."""
    contestant.once()
    folder = bench.scratch / contestant.name.split()[0]
    if contestant.name == "platc":
        folder /= NAME
    found = {path.relative_to(folder): yaml.load(path.read_text(), yaml.CSafeLoader) for path in folder.rglob("*.yaml")}
    if contestant.name == "kustomize":
        # It chooses its own file names, and has a kind for every document.
        def key(thing):
            return thing["apiVersion"], thing["kind"], thing["metadata"]["name"]

        found = {key(thing): thing for thing in found.values()}
        wanted = {key(thing): thing for thing in kustomize.wrapped(list(documents.artifacts()), SUBJECT).values()}
    else:
        wanted = dict(bench.tree)
    different = [str(at) for at in found.keys() | wanted.keys() if found.get(at) != wanted.get(at)]
    if different:
        raise SystemExit(f"{contestant.name} makes something else, for example: {sorted(different)[0]}")
    print(f"{contestant.name} makes the same {len(found)} documents", file=sys.stderr)


# ---- tables ---------------------------------------------------------------------------------------------------------


def milliseconds(seconds):
    return f"{seconds * 1e3:.2f} ms" if seconds < 0.1 else f"{seconds * 1e3:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def table(title, first, others, count, seconds):
    """platc against each of the others, a row each."""
    print(f"\n{title}\n")
    print("| against | platc | the other | ratio | pairs |")
    print("|---|---:|---:|---:|---:|")
    for other in others:
        ours, theirs = pairs(first, other, count, seconds)
        one, two = statistics.median(ours), statistics.median(theirs)
        print(f"| {other.name} | {milliseconds(one)} | {milliseconds(two)} | {one / two:.2f} | {len(ours)} |", flush=True)


def one_environment(bench, count, seconds):
    platc = bench.render()
    platc.once()
    shutil.rmtree(bench.reference, ignore_errors=True)
    shutil.copytree(bench.scratch / "platc" / NAME, bench.reference)
    copy, prepare_copy = bench.fresh("copy")
    written, prepare_written = bench.fresh("written")
    others = [
        Contestant("`cp -r` of the same tree", bench.tool(["cp", "-r", bench.reference, copy], bench.scratch), prepare_copy),
        Contestant("only writing", bench.inside("write", bench.reference, written), prepare_written),
        *bench.peers(),
    ]
    table(f"One environment, no tree yet, on {filesystem(bench.scratch)}:", platc, others, count, seconds)
    again = bench.render("again", fresh=False)
    again.once()
    again.name = "platc, nothing changed"
    table(
        f"One environment, unchanged, without the cache, on {filesystem(bench.scratch)}:",
        again,
        [Contestant("only comparing", bench.inside("compare", bench.reference, bench.scratch / "again" / NAME))],
        count,
        seconds,
    )
    with tempfile.TemporaryDirectory(prefix="platc-bench-cache-") as cache:
        kept = bench.render("again", fresh=False, cache=cache)
        kept.once(), kept.once()
        kept.name = "platc, nothing changed, with the cache"
        table(f"One environment, unchanged, with the cache, on {filesystem(bench.scratch)}:", kept, others[:1], count, seconds)


def whole_fleet(bench, number, count, seconds):
    threads = os.cpu_count()
    platc = bench.render("fleet", ["--all"])
    platc.once()
    source = bench.scratch / "fleet-reference"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(bench.scratch / "fleet", source)
    written, prepare_written = bench.fresh("written")
    platc.name = "platc"
    others = [
        Contestant(f"only writing, {n} thread{'s' if n > 1 else ''}", bench.inside("write", source, written, n), prepare_written)
        for n in dict.fromkeys([1, threads])
    ]
    copy, prepare_copy = bench.fresh("copy")
    copied = Contestant("`cp -r` of the same trees", bench.tool(["cp", "-r", source, copy], bench.scratch), prepare_copy)
    table(f"{number} environments, no trees yet, on {filesystem(bench.scratch)}:", platc, [copied, *others], count, seconds)
    again = bench.render("fleet", ["--all"], fresh=False)
    again.once()
    again.name = "platc, nothing changed"
    others = [
        Contestant(f"only comparing, {n} thread{'s' if n > 1 else ''}", bench.inside("compare", source, bench.scratch / "fleet", n))
        for n in dict.fromkeys([1, threads])
    ]
    table(f"{number} environments, unchanged, without the cache, on {filesystem(bench.scratch)}:", again, others, count, seconds)
    with tempfile.TemporaryDirectory(prefix="platc-bench-cache-") as cache:
        kept = bench.render("fleet", ["--all"], fresh=False, cache=cache)
        kept.once(), kept.once()
        kept.name = "platc, nothing changed"
        table(f"{number} environments, unchanged, with the cache, on {filesystem(bench.scratch)}:", kept, [copied], count, seconds)
        kept.prepare, back = bench.touch()
        kept.once()
        kept.name = "platc, one overlay changed"
        table(f"{number} environments, one overlay changed, on {filesystem(bench.scratch)}:", kept, [copied], count, seconds)
        back()
        judged = bench.validate(cache)
        judged.once(), judged.once()
        judged.name = "platc validate, nothing changed"
        table(f"{number} environments, judged with the cache, on {filesystem(bench.scratch)}:", judged, [copied], count, seconds)
        judged.prepare, back = bench.touch()
        judged.once()
        judged.name = "platc validate, one overlay changed"
        table(f"{number} environments, one overlay changed, judged, on {filesystem(bench.scratch)}:", judged, [copied], count, seconds)
        back()
    for name in ("fleet", "fleet-reference", "written", "copy"):
        shutil.rmtree(bench.scratch / name, ignore_errors=True)


def memory(bench, number):
    print("\nPeak memory, no trees yet:\n")
    print("| environments | peak resident |")
    print("|---:|---:|")
    for size in [n for n in (1, 10, 100, 1000) if n <= number]:
        path, prepare = bench.fresh("memory")
        prepare()
        names = [f"env-{n:04d}" for n in range(size)]
        what = ["--all"] if size == number else names
        command = [str(bench.platc), "render", *what, "--out-dir", str(path), "--quiet"]
        print(f"| {size} | {peak_memory(command, bench.fleet / 'platc'):.0f} MiB |", flush=True)
        shutil.rmtree(path)


def filesystem(path):
    found = subprocess.run(["stat", "-f", "-c", "%T", path], check=True, capture_output=True, text=True).stdout.strip()
    return {"ext2/ext3": "ext4"}.get(found, found)


def machine(size):
    with open("/proc/cpuinfo") as file:
        model_name = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    load = os.getloadavg()[0]
    total = sum(path.stat().st_size for path in size)
    print(f"{os.cpu_count()} cores ({model_name}), Linux {platform.release()}, load {load:.1f} at the start. ")
    print(f"One environment is {len(size)} files, {total / 1000:.0f} kB.")


# ---- main -----------------------------------------------------------------------------------------------------------


def build(options, name):
    """The executable that cargo makes of a target."""
    command = ["cargo", "build", "--quiet", "--message-format=json", *options, name]
    lines = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    for message in map(json.loads, lines):
        if message.get("executable") and message["target"]["name"] == name:
            return Path(message["executable"])
    raise SystemExit(f"cargo built no {name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer pairs, a fleet of 100")
    parser.add_argument("--profile", default="release", help="cargo profile of platc (release, dist)")
    parser.add_argument("--platc", type=Path, help="a platc to measure instead of building this one")
    parser.add_argument("--fleet", type=int, metavar="N", help="environments of the fleet; 1000, or 100 with --quick")
    parser.add_argument("--only", choices=["one", "fleet", "memory"], help="one part of it")
    parser.add_argument("--folder", type=Path, action="append", help="where to write, once a file system (/dev/shm, target)")
    arguments = parser.parse_args()
    number = arguments.fleet or (100 if arguments.quick else 1000)
    count, seconds = (9, 5) if arguments.quick else (41, 20)
    platc = arguments.platc.resolve() if arguments.platc else build(["--profile", arguments.profile, "--bin"], "platc")
    for folder in arguments.folder or [Path("/dev/shm"), ROOT / "target"]:
        scratch = Path(tempfile.mkdtemp(prefix="platc-bench-", dir=folder.resolve()))
        try:
            fleet = scratch / "sources"
            command = [sys.executable, ROOT / "benches/fleet", fleet, "--environments", str(number)]
            # The peers are timed on one environment.
            subprocess.run([*command, "--for", "platc"], check=True, stdout=sys.stderr)
            subprocess.run([*command[:-1], str(SUBJECT + 1), "--for", "jsonnet,jinja,kustomize"], check=True, stdout=sys.stderr)
            # It uses nothing of platc, so nothing of that need be built for it.
            floor = scratch / "floor"
            subprocess.run(["rustc", "--edition", "2024", "-O", ROOT / "benches/floor.rs", "-o", floor], check=True)
            bench = Bench(scratch, fleet, platc, floor)
            for contestant in [bench.render(), *bench.peers()]:
                check(bench, contestant)
            machine([path for path in (scratch / "platc").rglob("*") if path.is_file() and ".platc" not in path.parts])
            if arguments.only in (None, "one"):
                one_environment(bench, count, seconds)
            if arguments.only in (None, "fleet"):
                whole_fleet(bench, number, max(5, count // 4), seconds * 3)
            if arguments.only in (None, "memory"):
                memory(bench, number)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


main()
