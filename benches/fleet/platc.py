"""The fleet as a platc project: environments, layers, a schema, templates."""

import yaml

import environments
from yamlish import PLATC, document, output


def write(folder, artifacts, count):
    put(folder / "platc.yaml", "# A generated fleet: benches/fleet\n{}\n")
    for subject, layer in environments.base().items():
        put(folder / f"environments/base/{subject}.yaml", dump(layer))
    for tier in environments.TIERS:
        put(folder / f"environments/tiers/{tier}/tier.yaml", dump({"extends": ["../../base"]} | environments.tier(tier)))
    for region in environments.REGIONS:
        put(folder / f"environments/regions/{region}/region.yaml", dump(environments.region(region)))
    for number in range(count):
        tier, region = environments.extends(number)
        own = {"extends": [f"../tiers/{tier}", f"../regions/{region}"]} | environments.environment(number)
        put(folder / f"environments/env-{number:04d}/environment.yaml", dump(own))
    put(folder / "schemas/environment.schema.yaml", dump(schema()))
    for artifact in artifacts:
        matter = [f"output: {output(artifact)}"]
        if artifact.each:
            matter.append("for_each: {} in {}".format(*artifact.each))
        head = "{#- platc\n" + "\n".join(matter) + "\n-#}\n"
        put(folder / f"templates/{artifact.template}.j2", head + document(artifact, PLATC))


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def dump(data):
    return yaml.dump(data, sort_keys=False, default_flow_style=False, width=120)


# ---- schema ---------------------------------------------------------------------------------------------------------

STRING = {"type": "string"}
COUNT = {"type": "integer", "minimum": 0}
FLAG = {"type": "boolean"}
NAME = {"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"}
CIDR = {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}$"}
SHORT_TIME = {"type": "string", "pattern": "^[0-9]+(s|m|h)$"}


def closed(properties, required=(), **more):
    """A map that has these keys and no others."""
    result = {"type": "object", "additionalProperties": False, "properties": properties}
    if required:
        result["required"] = list(required)
    return result | more


def listed(items, **more):
    return {"type": "array", "items": items} | more


def keyed(items):
    return listed(items) | {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}


def rules(*pairs):
    return {"x-kubernetes-validations": [{"rule": rule, "message": message} for rule, message in pairs]}


def schema():
    amount = closed({"cpu": STRING, "memory": STRING})
    component = closed(
        {
            "name": NAME, "namespace": NAME, "repository": STRING, "replicas": COUNT, "wave": COUNT,
            "version": {"type": "string", "pattern": "^[0-9]+[.][0-9]+[.][0-9]+(-fleet[.][0-9]+)?$"},
            "logLevel": {"enum": ["debug", "info", "warning", "error"]},
            "resources": closed({"requests": amount, "limits": amount}),
        },
        ["name", "namespace", "repository", "version", "resources"],
    )
    pool = closed(
        {
            "name": NAME, "weight": {"type": "integer", "minimum": 1, "maximum": 100}, "cpuLimit": COUNT, "memoryLimit": STRING,
            "capacityTypes": listed({"enum": ["spot", "on-demand"]}, minItems=1), "categories": listed(STRING), "sizes": listed(STRING),
            "architectures": listed({"enum": ["amd64", "arm64"]}), "consolidateAfter": SHORT_TIME, "expireAfter": SHORT_TIME, "team": NAME,
        },
        ["name", "weight", "capacityTypes", "cpuLimit"],
    )
    subnet = closed({"index": COUNT, "cidr": CIDR}, ["index", "cidr"])
    nodes = closed(
        {
            "minSize": COUNT, "maxSize": COUNT, "desiredSize": COUNT, "instanceTypes": listed(STRING), "amiType": STRING,
            "releaseVersion": STRING, "volumeSize": COUNT,
        },
        **rules(
            ("self.minSize <= self.desiredSize", "desiredSize is below minSize"),
            ("self.desiredSize <= self.maxSize", "desiredSize is above maxSize"),
        ),
    )
    properties = {
        "name": NAME,
        "tier": {"enum": environments.TIERS},
        "domain": STRING,
        "aws": closed({"accountId": {"type": "string", "pattern": "^[0-9]{12}$"}, "region": {"enum": environments.REGIONS}, "partition": STRING}, ["accountId", "region"]),
        "network": closed(
            {
                "cidr": CIDR, "natGateways": {"type": "integer", "minimum": 1, "maximum": 3},
                "zones": keyed(closed({"name": STRING, "index": COUNT})),
                "publicSubnets": listed(subnet), "privateSubnets": listed(subnet), "endpoints": listed(STRING, uniqueItems=True),
            },
            ["cidr", "zones"],
            **rules(("self.natGateways <= size(self.zones)", "more NAT gateways than zones")),
        ),
        "cluster": closed({
            "version": {"type": "string", "pattern": "^1[.][0-9]+$"}, "publicAccess": FLAG, "publicAccessCidrs": listed(CIDR),
            "logTypes": listed({"enum": ["api", "audit", "authenticator", "controllerManager", "scheduler"]}), "serviceCidr": CIDR,
            "systemNodes": nodes, "addons": {"type": "object", "additionalProperties": STRING},
        }),
        "access": listed(closed({"persona": NAME, "policy": STRING, "namespaces": listed(STRING)})),
        "components": keyed(component),
        "features": {"type": "object", "additionalProperties": FLAG},
        "karpenter": closed({"amiAlias": {"type": "string", "pattern": "^bottlerocket@v"}, "nodePools": keyed(pool)}),
        "retention": {"type": "object", "additionalProperties": COUNT},
        "policies": closed({"action": {"enum": ["Audit", "Warn", "Deny"]}, "registries": listed(STRING)}),
        "owner": closed({"team": NAME, "costCenter": STRING, "mail": {"type": "string", "pattern": "^[^@]+@[^@]+$"}}),
        "tags": listed(closed({"key": STRING, "value": STRING}, ["key", "value"])),
    }
    required = ["name", "tier", "aws", "network", "cluster", "components", "karpenter", "owner"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A cluster of the fleet"} | closed(properties, required)
