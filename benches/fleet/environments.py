"""The layers of a fleet: a base, three tiers, six regions, and what each environment says for itself."""

REGIONS = ["eu-central-1", "eu-west-1", "us-east-1", "us-east-2", "us-west-2", "ap-southeast-2"]
TIERS = ["dev", "staging", "prod"]

# name, namespace, chart repository, chart version, cpu in millicores, memory in MiB, has an AWS role. The repositories are
# this fleet's own: its charts have one set of values in common, and no chart that others publish takes those.
COMPONENTS = [
    ("cilium", "kube-system", "https://charts.example.com", "1.19.6", 200, 512, True),
    ("aws-load-balancer-controller", "kube-system", "https://charts.example.com", "1.14.1", 100, 200, True),
    ("external-dns", "external-dns", "https://charts.example.com", "1.21.1", 50, 96, True),
    ("cert-manager", "cert-manager", "https://charts.example.com", "1.21.1", 50, 128, True),
    ("external-secrets", "external-secrets", "https://charts.example.com", "2.9.0", 50, 128, True),
    ("reloader", "reloader", "https://charts.example.com", "2.2.16", 20, 128, False),
    ("metrics-server", "kube-system", "https://charts.example.com", "3.13.1", 100, 200, False),
    ("falco", "falco", "https://charts.example.com", "7.0.2", 100, 512, False),
    ("falco-talon", "falco", "https://charts.example.com", "0.3.0", 50, 96, False),
    ("trivy-operator", "trivy-system", "https://charts.example.com", "0.32.0", 100, 512, True),
    ("kyverno", "kyverno", "https://charts.example.com", "3.9.0", 100, 384, True),
    ("loki", "monitoring", "https://charts.example.com", "6.46.0", 200, 1024, True),
    ("tempo", "monitoring", "https://charts.example.com", "1.24.0", 200, 1024, True),
    ("alloy", "monitoring", "https://charts.example.com", "1.4.0", 100, 512, True),
    ("prometheus-node-exporter", "monitoring", "https://charts.example.com", "4.49.1", 50, 128, False),
    ("karpenter", "kube-system", "oci://registry.example.com/charts", "1.14.1", 500, 512, True),
    ("velero", "velero", "https://charts.example.com", "11.1.1", 100, 256, True),
    ("goldilocks", "goldilocks", "https://charts.example.com", "10.1.0", 25, 96, False),
    ("vpa", "goldilocks", "https://charts.example.com", "4.9.0", 50, 256, False),
    ("aws-ebs-csi-driver", "kube-system", "https://charts.example.com", "2.53.0", 50, 128, True),
]

POOLS = ["general", "compute", "memory", "burst", "batch", "gpu-inference", "ingress", "stateful"]


def component(name, namespace, repository, version, cpu, memory, _role):
    return {
        "name": name,
        "namespace": namespace,
        "repository": repository,
        "version": f"{version}-fleet.1",
        "replicas": 1,
        "wave": 10,
        "logLevel": "info",
        "resources": {
            "requests": {"cpu": f"{cpu}m", "memory": f"{memory}Mi"},
            "limits": {"memory": f"{memory * 2}Mi"},
        },
    }


def pool(name):
    return {
        "name": name,
        "weight": 10,
        "capacityTypes": ["spot", "on-demand"],
        "categories": ["m", "c", "r"],
        "sizes": ["medium", "large", "xlarge", "2xlarge"],
        "architectures": ["amd64"],
        "cpuLimit": 64,
        "memoryLimit": "256Gi",
        "consolidateAfter": "1m",
        "expireAfter": "336h",
        "team": "platform",
    }


def base():
    """What all environments have in common, a file a subject."""
    return {
        "cluster": {
            "cluster": {
                "version": "1.35",
                "publicAccess": False,
                "publicAccessCidrs": ["203.0.113.0/24"],
                "logTypes": ["api", "audit", "authenticator", "controllerManager", "scheduler"],
                "serviceCidr": "172.20.0.0/16",
                "systemNodes": {
                    "minSize": 2,
                    "maxSize": 6,
                    "desiredSize": 2,
                    "instanceTypes": ["m5a.large", "m5.large"],
                    "amiType": "BOTTLEROCKET_x86_64",
                    "releaseVersion": "1.49.0-713f44ce",
                    "volumeSize": 40,
                },
                "addons": {"coredns": "v1.13.1-eksbuild.1", "podIdentityAgent": "v1.3.10-eksbuild.1"},
            },
            "access": [
                {"persona": name, "policy": policy, "namespaces": ["*"]}
                for name, policy in [
                    ("admins", "AmazonEKSClusterAdminPolicy"),
                    ("power-users", "AmazonEKSAdminPolicy"),
                    ("developers", "AmazonEKSEditPolicy"),
                    ("viewers", "AmazonEKSViewPolicy"),
                ]
            ],
        },
        "components": {"components": [component(*row) for row in COMPONENTS]},
        "features": {
            "features": {
                "hubbleUi": True,
                "falcoKillMode": False,
                "trivyAdmission": False,
                "veleroBackups": True,
                "goldilocks": True,
            },
        },
        "karpenter": {"karpenter": {"amiAlias": "bottlerocket@v1.49.0", "nodePools": [pool(name) for name in POOLS]}},
        "operations": {
            "retention": {"logs": 7, "traces": 3, "metrics": 30, "backups": 14},
            "policies": {"action": "Audit", "registries": ["public.ecr.aws/", "quay.io/", "ghcr.io/", "registry.k8s.io/"]},
            "owner": {"team": "platform", "costCenter": "4711", "mail": "platform@example.com"},
        },
    }


def tier(name):
    """What a stage of the fleet changes in the base."""
    rank = TIERS.index(name)
    layer = {
        "tier": name,
        "network": {"natGateways": [1, 2, 3][rank]},
        "retention": {"logs": [14, 30, 90][rank], "traces": [5, 7, 30][rank], "backups": [15, 30, 90][rank]},
        "policies": {"action": ["Warn", "Warn", "Deny"][rank]},
    }
    if name != "dev":
        layer["features"] = {"trivyAdmission": True} | ({"falcoKillMode": True} if name == "prod" else {})
        layer["components"] = [
            {"name": row[0], "replicas": 3 if name == "prod" else 2}
            for row in COMPONENTS
            if row[0] in ("kyverno", "loki", "cert-manager", "falco-talon", "aws-load-balancer-controller", "karpenter")
        ]
        layer["karpenter"] = {"nodePools": [{"name": "general", "cpuLimit": 256}, {"name": "stateful", "capacityTypes": ["on-demand"]}]}
    return layer


def region(name):
    letters = "abc"
    return {
        "aws": {"region": name, "partition": "aws"},
        "network": {"zones": [{"name": f"{name}{letter}", "index": at + 1} for at, letter in enumerate(letters)]},
    }


def environment(number):
    """What one environment sets: names, addresses, and the usual few exceptions."""
    second = number // 256 % 250 + 1
    third = number % 256
    return {
        "name": f"env-{number:04d}",
        "aws": {"accountId": f"{100000000000 + number * 7919:012d}"},
        "network": {
            "cidr": f"10.{third}.0.0/16",
            "publicSubnets": [{"index": n + 1, "cidr": f"10.{third}.{n * 16}.0/20"} for n in range(3)],
            "privateSubnets": [{"index": n + 1, "cidr": f"10.{third}.{(n + 4) * 16}.0/20"} for n in range(3)],
            "endpoints": ["ecr.api", "ecr.dkr", "sts", "ec2", "logs", "eks-auth", "sqs", "ssm", "kms"],
        },
        "domain": f"env-{number:04d}.r{second}.example.com",
        "tags": [
            {"key": "environment", "value": f"env-{number:04d}"},
            {"key": "managed-by", "value": "platc"},
            {"key": "cost-center", "value": f"{4000 + number}"},
            {"key": "data-class", "value": "internal"},
            {"key": "platform.example.com/owner", "value": f"team-{number % 40}"},
            {"key": "platform.example.com/repository", "value": "git.example.com/platform/environments"},
            {"key": "platform.example.com/support", "value": f"https://support.example.com/platform/env-{number:04d}"},
        ],
        "cluster": {"systemNodes": {"maxSize": 7 + number % 5}},
        "components": [
            {"name": "loki", "resources": {"requests": {"cpu": f"{310 + number % 7 * 10}m", "memory": "1536Mi"}}},
            {"name": "falco", "logLevel": "debug"},
        ],
        "karpenter": {"nodePools": [{"name": "batch", "cpuLimit": 100 + number % 50, "weight": 40}]},
        "owner": {"mail": f"team-{number % 40}@example.com"},
    }


def extends(number):
    """The layers of an environment, in the order in which they apply after the base."""
    return TIERS[number % len(TIERS)], REGIONS[number % len(REGIONS)]


def merge(under, over):
    """Maps merge, lists of named items merge by name, everything else is replaced."""
    if isinstance(under, dict) and isinstance(over, dict):
        return under | {key: merge(under[key], value) if key in under else value for key, value in over.items()}
    if named(under) and named(over):
        changes = {item["name"]: item for item in over}
        known = {item["name"] for item in under}
        return [merge(item, changes.get(item["name"], {})) for item in under] + [o for o in over if o["name"] not in known]
    return over


def named(value):
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) and "name" in item for item in value)


def merged(number):
    """The whole environment as plain data."""
    whole = {}
    tier_name, region_name = extends(number)
    for layer in [*base().values(), tier(tier_name), region(region_name), environment(number)]:
        whole = merge(whole, layer)
    return whole
