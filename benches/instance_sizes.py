#!/usr/bin/env python3
"""Prints the table of the largest instances in src/rules/instances.rs: by hand, with moto (PyPI) installed."""

import collections
import gzip
import importlib.metadata
import json
import pathlib
import re

import moto

path = pathlib.Path(moto.__file__).parent / "ec2/resources/instance_types.json.gz"
types = json.loads(gzip.decompress(path.read_bytes()))
largest = collections.defaultdict(lambda: [0, 0])
for name, it in types.items():
    size = largest[re.match("[a-z]+", name).group()]
    size[0] = max(size[0], it["VCpuInfo"]["DefaultVCpus"])
    size[1] = max(size[1], it["MemoryInfo"]["SizeInMiB"])
# Macs are no nodes of a cluster.
del largest["mac"]
print(f"// moto {importlib.metadata.version('moto')}, {len(types)} instance types")
for category, (cpus, mebibytes) in sorted(largest.items()):
    print(f'    ("{category}", {cpus:_}, {mebibytes:_}),')
