#!/usr/bin/env python3
"""Writes two tables of names that AWS fixes: src/rules/cloudformation/fixed/endpoints.txt and zones.txt. By hand, with the
package of aws-cdk-lib (npm) unpacked and moto (PyPI) installed.

    npm pack aws-cdk-lib && tar xzf aws-cdk-lib-*.tgz
    python3 benches/aws_names.py 2026-11-30 package
"""

import collections
import importlib.metadata
import json
import pathlib
import re
import sys

from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

day, cdk = sys.argv[1], pathlib.Path(sys.argv[2])
folder = pathlib.Path(__file__).parent.parent / "src/rules/cloudformation/fixed"
folder.mkdir(exist_ok=True)

version = json.loads((cdk / "package.json").read_text())["version"]
source = (cdk / "aws-ec2/lib/vpc-endpoint.js").read_text()
# A second argument, before the port, stands for com.amazonaws.REGION.
names = set(re.findall(r'(?:Interface|Gateway)VpcEndpointAwsService\("([a-z0-9.-]+)"\)', source))
(folder / "endpoints.txt").write_text(
    f"""# Services with an endpoint in a VPC, as com.amazonaws.REGION.NAME.
# aws-cdk-lib {version} (https://github.com/aws/aws-cdk), Apache-2.0, looked up on {day}.
# Made by benches/aws_names.py; do not edit.
"""
    + "".join(f"{name}\n" for name in sorted(names))
)

# What other accounts see: letters are not the same in each, in the oldest regions.
# https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
MORE = {"us-west-1": "c", "ap-northeast-1": "b", "ca-central-1": "c", "cn-north-1": "cd", "ap-northeast-2": "d", "us-east-1": "f"}

letters = collections.defaultdict(set)
for region, zones in RegionsAndZonesBackend.zones.items():
    for zone in zones:
        letters[region].add(zone.name.removeprefix(region))
for region, more in MORE.items():
    letters[region].update(more)
(folder / "zones.txt").write_text(
    f"""# Zones by region. An account may see fewer of them.
# moto {importlib.metadata.version('moto')} (https://github.com/getmoto/moto), Apache-2.0, looked up on {day}.
# Made by benches/aws_names.py; do not edit.
"""
    + "".join(f"{region} {' '.join(sorted(own))}\n" for region, own in sorted(letters.items()))
)
print(f"{len(names)} endpoints, {len(letters)} regions")
