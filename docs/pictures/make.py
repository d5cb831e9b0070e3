"""Draws the pictures of the README from what platc prints: `python3 docs/pictures/make.py PLATC [--check]`.

Each scene is played in a copy of what is committed, so the pictures show what a clone does. With --check nothing is
written; the exit code says whether the pictures are up to date.
"""

import html
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# name, edits (file, old, new), commands; a command's prompt line is drawn, what it prints below it.
SCENES = [
    (
        "finding",
        [("environments/prod/environment.yaml", "cluster:\n", 'nodes:\n  system:\n    maxSize: "6"\n    minSise: 3\n\ncluster:\n')],
        ["platc render prod"],
    ),
]

WIDTH, LINE, CHARACTER, MARGIN = 100, 19, 8.43, 18
COLOURS = {
    30: "#6b7280", 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79c0ff", 35: "#d2a8ff", 36: "#56d4dd", 37: "#e6edf3",
    90: "#8b949e", 91: "#ff7b72", 92: "#7ee787", 93: "#e3b341", 94: "#79c0ff", 95: "#d2a8ff", 96: "#56d4dd", 97: "#ffffff",
}  # fmt: skip
TEXT, GROUND = "#e6edf3", "#0d1117"


def play(platc, edits, commands):
    """The lines of a session, with the terminal's colour codes."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["git", "clone", "--quiet", ROOT, f"{scratch}/platc"], check=True)
        project = Path(scratch) / "platc"
        for name, old, new in edits:
            file = project / name
            text = file.read_text()
            assert old in text, f"{name} does not hold {old!r}"
            file.write_text(text.replace(old, new, 1))
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PLATC_") and k != "NO_COLOR"}
        environment |= {"CLICOLOR_FORCE": "1", "COLUMNS": str(WIDTH), "PATH": f"{platc.parent}:{environment['PATH']}"}
        for command in commands:
            yield f"\x1b[92m$\x1b[0m \x1b[1m{command}\x1b[0m"
            done = subprocess.run(
                ["bash", "-c", command], cwd=project, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            yield from done.stdout.rstrip("\n").split("\n")


def spans(line):
    """A line as (text, colour, bold) runs."""
    colour, bold = TEXT, False
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if not piece.startswith("\x1b"):
            if piece:
                yield piece, colour, bold
            continue
        codes = [int(code or 0) for code in piece[2:-1].split(";")]
        while codes:
            code = codes.pop(0)
            if code == 0:
                colour, bold = TEXT, False
            elif code == 1:
                bold = True
            elif code == 22:
                bold = False
            elif code == 39:
                colour = TEXT
            elif code == 38 and codes[:1] == [5]:
                colour = COLOURS.get({**{n: n + 30 for n in range(8)}, **{n: n + 82 for n in range(8, 16)}}.get(codes[1]), TEXT)
                codes = codes[2:]
            elif code in COLOURS:
                colour = COLOURS[code]


def draw(lines):
    """The session as SVG."""
    height = len(lines) * LINE + 2 * MARGIN
    width = max(WIDTH, *(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines)) * CHARACTER + 2 * MARGIN
    rows = []
    for number, line in enumerate(lines):
        column, parts = 0, []
        for text, colour, bold in spans(line):
            x = MARGIN + column * CHARACTER
            column += len(text)
            weight = ' font-weight="bold"' if bold else ""
            # A set length keeps columns under each other whatever font is there.
            length = f' textLength="{len(text) * CHARACTER:.2f}" lengthAdjust="spacingAndGlyphs"'
            if text.strip():
                parts.append(f'<tspan x="{x:.2f}" fill="{colour}"{weight}{length}>{html.escape(text)}</tspan>')
        if parts:
            rows.append(f'<text y="{MARGIN + number * LINE + 13}" xml:space="preserve">{"".join(parts)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}" '
        'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">\n'
        f'<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>\n' + "\n".join(rows) + "\n</svg>\n"
    )


def main():
    platc, check = Path(sys.argv[1]).resolve(), "--check" in sys.argv
    stale = False
    for name, edits, commands in SCENES:
        picture = draw(list(play(platc, edits, commands)))
        file = HERE / f"{name}.svg"
        if check and (not file.exists() or file.read_text() != picture):
            print(f"{file.relative_to(ROOT)} is not what platc prints now: python3 docs/pictures/make.py target/release/platc")
            stale = True
        elif not check:
            file.write_text(picture)
    sys.exit(stale)


main()
