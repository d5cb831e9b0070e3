#!/usr/bin/env python3
"""Writes the table of EC2's instance types, src/rules/instances/types.txt: by hand, with moto (PyPI) installed.

    python3 benches/instance_types.py 2026-11-29
"""

import gzip
import importlib.metadata
import json
import pathlib
import sys

import moto

day = sys.argv[1]
path = pathlib.Path(moto.__file__).parent / "ec2/resources/instance_types.json.gz"
types = json.loads(gzip.decompress(path.read_bytes()))
ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}

lines = [
    # What moto lacks, its network unknown: https://aws.amazon.com/ec2/instance-types/high-memory/
    "u7inh-32tb.480xlarge 1920 33554432 amd64 0 0 nitro",
]
for name, it in types.items():
    architectures = [ARCHITECTURES[each] for each in it["ProcessorInfo"]["SupportedArchitectures"] if each in ARCHITECTURES]
    # Macs are no nodes of a cluster.
    if name.startswith("mac") or len(architectures) != 1:
        continue
    network = it["NetworkInfo"]
    # Machines without a hypervisor give out prefixes like those on Nitro.
    platform = it.get("Hypervisor", "nitro")
    interfaces = network["MaximumNetworkInterfaces"]
    addresses = network["Ipv4AddressesPerInterface"]
    size = f"{it['VCpuInfo']['DefaultVCpus']} {it['MemoryInfo']['SizeInMiB']}"
    lines.append(f"{name} {size} {architectures[0]} {interfaces} {addresses} {platform}")

header = f"""# Instance types of EC2: name, CPUs, memory in MiB, architecture, network interfaces, IPv4 addresses of each, hypervisor.
# moto {importlib.metadata.version('moto')} (https://github.com/getmoto/moto), Apache-2.0, looked up on {day}.
# Made by benches/instance_types.py; do not edit.
"""
target = pathlib.Path(__file__).parent.parent / "src/rules/instances/types.txt"
target.write_text(header + "".join(f"{line}\n" for line in sorted(lines)))
print(f"{len(lines)} instance types")
