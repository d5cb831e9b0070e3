"""python benches/fleet FOLDER [--environments N] [--for platc,jsonnet,jinja,kustomize]: writes a fleet of N environments.

Each contestant's project goes to its own folder below FOLDER. All of them make the same documents; benches/run.py checks
that before it times anything.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import documents
import jinja
import jsonnet
import kustomize
import platc

WRITERS = {"platc": platc, "jsonnet": jsonnet, "jinja": jinja, "kustomize": kustomize}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--environments", type=int, default=6, metavar="N")
    parser.add_argument("--for", dest="contestants", default=",".join(WRITERS), metavar="NAMES")
    arguments = parser.parse_args()
    for name in arguments.contestants.split(","):
        WRITERS[name].write(arguments.folder / name, list(documents.artifacts()), arguments.environments)
    print(f"{arguments.environments} environments, {len(list(documents.artifacts()))} templates: {arguments.folder}")


main()
