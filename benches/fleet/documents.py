"""The artifacts of one environment: about eighty files of the kinds that a platform repository holds."""

from environments import COMPONENTS
from model import Artifact, Each, GetAtt, Ref, Sub, When


def artifacts():
    yield from cloudformation()
    yield from (values(*row) for row in COMPONENTS)
    yield from karpenter()
    yield from (policy(*row) for row in POLICIES)
    yield from applications()
    yield from git_sync()


# ---- CloudFormation -------------------------------------------------------------------------------------------------


def tags(name):
    return [{"Key": "Name", "Value": name}, Each("tag", "tags", {"Key": "<tag.key>", "Value": "<tag.value>"})]


# What Karpenter finds subnets and security groups by.
DISCOVERY = [{"Key": "karpenter.sh/discovery", "Value": "<name>"}]


def resource(kind, properties, **more):
    return {"Type": f"AWS::{kind}", **more, "Properties": properties}


def template(name, description, resources, outputs, **facts):
    body = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": description,
        "Metadata": {"Environment": "<name>", "Tier": "<tier>", "Owner": "<owner.mail>", **facts},
        "Resources": resources,
        "Outputs": {
            key: {"Description": f"{key} of <name>", "Value": value, "Export": {"Name": f"<name>-{key}"}}
            for key, value in outputs.items()
        },
    }
    return Artifact(f"cloudformation/{name}.yaml", f"cloudformation/{name}.yaml", body)


def network():
    made = {
        "Vpc": resource("EC2::VPC", {
            "CidrBlock": "<network.cidr>", "EnableDnsHostnames": True, "EnableDnsSupport": True, "Tags": tags("<name>"),
        }),
        "InternetGateway": resource("EC2::InternetGateway", {"Tags": tags("<name>")}),
        "InternetGatewayAttachment": resource("EC2::VPCGatewayAttachment", {
            "VpcId": Ref("Vpc"), "InternetGatewayId": Ref("InternetGateway"),
        }),
        "FlowLogGroup": resource("Logs::LogGroup", {
            "LogGroupName": "/platform/<name>/flow-logs", "RetentionInDays": "<retention.logs>", "Tags": tags("<name>-flow-logs"),
        }, DeletionPolicy="Retain", UpdateReplacePolicy="Retain"),
        "FlowLog": resource("EC2::FlowLog", {
            "ResourceId": Ref("Vpc"), "ResourceType": "VPC", "TrafficType": "ALL",
            "LogDestinationType": "cloud-watch-logs", "LogGroupName": Ref("FlowLogGroup"),
            "DeliverLogsPermissionArn": "arn:<aws.partition>:iam::<aws.accountId>:role/<name>-flow-logs",
            "MaxAggregationInterval": 60, "Tags": tags("<name>-flow-log"),
        }),
    }
    for zone in (1, 2, 3):
        for kind, role in (("Public", "elb"), ("Private", "internal-elb")):
            made[f"{kind}Subnet{zone}"] = resource("EC2::Subnet", {
                "VpcId": Ref("Vpc"),
                "CidrBlock": {"Fn::Select": [zone - 1 if kind == "Public" else zone + 2, {"Fn::Cidr": [GetAtt("Vpc", "CidrBlock"), 6, 12]}]},
                "AvailabilityZone": f"<aws.region>{'abc'[zone - 1]}",
                "MapPublicIpOnLaunch": kind == "Public",
                "Tags": [{"Key": f"kubernetes.io/role/{role}", "Value": "1"}, *(DISCOVERY if kind == "Private" else []), *tags(f"<name>-{kind.lower()}-{zone}")],
            })
            made[f"{kind}RouteTable{zone}"] = resource("EC2::RouteTable", {"VpcId": Ref("Vpc"), "Tags": tags(f"<name>-{kind.lower()}-{zone}")})
            made[f"{kind}RouteTableAssociation{zone}"] = resource("EC2::SubnetRouteTableAssociation", {
                "SubnetId": Ref(f"{kind}Subnet{zone}"), "RouteTableId": Ref(f"{kind}RouteTable{zone}"),
            })
        made[f"PublicDefaultRoute{zone}"] = resource("EC2::Route", {
            "RouteTableId": Ref(f"PublicRouteTable{zone}"), "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": Ref("InternetGateway"),
        }, DependsOn="InternetGatewayAttachment")
        made[f"NatAddress{zone}"] = resource("EC2::EIP", {"Domain": "vpc", "Tags": tags(f"<name>-nat-{zone}")})
        made[f"NatGateway{zone}"] = resource("EC2::NatGateway", {
            "SubnetId": Ref(f"PublicSubnet{zone}"), "AllocationId": GetAtt(f"NatAddress{zone}", "AllocationId"), "Tags": tags(f"<name>-{zone}"),
        })
        made[f"PrivateDefaultRoute{zone}"] = resource("EC2::Route", {
            "RouteTableId": Ref(f"PrivateRouteTable{zone}"), "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": Ref(f"NatGateway{zone}"),
        })
    for service in ("ecr.api", "ecr.dkr", "sts", "ec2", "logs", "eks-auth", "sqs", "ssm", "kms", "secretsmanager"):
        made["Endpoint" + service.title().replace(".", "").replace("-", "")] = resource("EC2::VPCEndpoint", {
            "VpcId": Ref("Vpc"), "VpcEndpointType": "Interface", "ServiceName": f"com.amazonaws.<aws.region>.{service}",
            "PrivateDnsEnabled": True,
            "SubnetIds": [Ref(f"PrivateSubnet{zone}") for zone in (1, 2, 3)],
            "SecurityGroupIds": [GetAtt("EndpointSecurityGroup", "GroupId")],
            "Tags": tags(f"<name>-{service}"),
        })
    made["EndpointSecurityGroup"] = resource("EC2::SecurityGroup", {
        "GroupDescription": "HTTPS from the VPC to the interface endpoints", "VpcId": Ref("Vpc"),
        "SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "<network.cidr>"}],
        "Tags": tags("<name>-endpoints"),
    })
    made["NodeSecurityGroup"] = resource("EC2::SecurityGroup", {
        "GroupDescription": "Nodes of the cluster", "VpcId": Ref("Vpc"),
        "SecurityGroupIngress": [{"IpProtocol": "-1", "CidrIp": "<network.cidr>"}],
        "Tags": [*DISCOVERY, *tags("<name>-nodes")],
    })
    outputs = {"VpcId": Ref("Vpc")} | {f"PrivateSubnet{zone}": Ref(f"PrivateSubnet{zone}") for zone in (1, 2, 3)}
    facts = {"PublicSubnets": "<network.publicSubnets>", "PrivateSubnets": "<network.privateSubnets>", "Endpoints": "<network.endpoints>"}
    return template("network", "The network of <name>", made, outputs, CostCenter="<owner.costCenter>", **facts)


NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly", "AmazonSSMManagedInstanceCore")


def cluster():
    made = {
        "SecretsKey": resource("KMS::Key", {
            "Description": "Kubernetes secrets of <name>", "EnableKeyRotation": True, "PendingWindowInDays": 30,
            "KeyPolicy": {
                "Version": "2012-10-17",
                "Statement": [{
                    "Sid": "Administration", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
                    "Principal": {"AWS": "arn:<aws.partition>:iam::<aws.accountId>:root"},
                }],
            },
            "Tags": tags("<name>-secrets"),
        }, DeletionPolicy="Retain", UpdateReplacePolicy="Retain"),
        "Cluster": resource("EKS::Cluster", {
            "Name": "<name>", "Version": "<cluster.version>", "RoleArn": "arn:<aws.partition>:iam::<aws.accountId>:role/<name>-cluster",
            "BootstrapSelfManagedAddons": False,
            "AccessConfig": {"AuthenticationMode": "API", "BootstrapClusterCreatorAdminPermissions": False},
            "EncryptionConfig": [{"Provider": {"KeyArn": GetAtt("SecretsKey", "Arn")}, "Resources": ["secrets"]}],
            "KubernetesNetworkConfig": {"IpFamily": "ipv4", "ServiceIpv4Cidr": "<cluster.serviceCidr>"},
            "Logging": {"ClusterLogging": {"EnabledTypes": [Each("kind", "cluster.logTypes", {"Type": "<kind>"})]}},
            "ResourcesVpcConfig": {
                "EndpointPrivateAccess": True, "EndpointPublicAccess": "<cluster.publicAccess>",
                "PublicAccessCidrs": "<cluster.publicAccessCidrs>",
                "SubnetIds": [{"Fn::ImportValue": f"<name>-PrivateSubnet{zone}"} for zone in (1, 2, 3)],
            },
            "Tags": tags("<name>"),
        }),
        "SystemNodes": resource("EKS::Nodegroup", {
            "ClusterName": Ref("Cluster"), "NodegroupName": "<name>-system", "CapacityType": "ON_DEMAND",
            "AmiType": "<cluster.systemNodes.amiType>", "ReleaseVersion": "<cluster.systemNodes.releaseVersion>",
            "InstanceTypes": "<cluster.systemNodes.instanceTypes>",
            "NodeRole": "arn:<aws.partition>:iam::<aws.accountId>:role/<name>-system-nodes",
            "ScalingConfig": {
                "MinSize": "<cluster.systemNodes.minSize>", "MaxSize": "<cluster.systemNodes.maxSize>",
                "DesiredSize": "<cluster.systemNodes.desiredSize>",
            },
            "Labels": {"node-role": "system", "karpenter.sh/do-not-disrupt": "true"},
            "Taints": [{"Key": "CriticalAddonsOnly", "Value": "true", "Effect": "PREFER_NO_SCHEDULE"}],
            "Subnets": [{"Fn::ImportValue": f"<name>-PrivateSubnet{zone}"} for zone in (1, 2, 3)],
        }),
    }
    made["NodeRole"] = resource("IAM::Role", {
        "RoleName": "<name>-karpenter-node",
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
        },
        "ManagedPolicyArns": [f"arn:<aws.partition>:iam::aws:policy/{policy}" for policy in NODE_POLICIES],
        "Tags": tags("<name>-karpenter-node"),
    })
    for persona, policy_name in (("Admins", "AmazonEKSClusterAdminPolicy"), ("Developers", "AmazonEKSEditPolicy"), ("Viewers", "AmazonEKSViewPolicy")):
        made[f"Access{persona}"] = resource("EKS::AccessEntry", {
            "ClusterName": Ref("Cluster"), "PrincipalArn": f"arn:<aws.partition>:iam::<aws.accountId>:role/<name>-{persona.lower()}",
            "Type": "STANDARD",
            "AccessPolicies": [{
                "PolicyArn": f"arn:<aws.partition>:eks::aws:cluster-access-policy/{policy_name}", "AccessScope": {"Type": "cluster"},
            }],
            "Tags": tags(f"<name>-{persona.lower()}"),
        })
    outputs = {"ClusterArn": GetAtt("Cluster", "Arn"), "Endpoint": GetAtt("Cluster", "Endpoint")}
    facts = {"Access": "<access>", "Addons": "<cluster.addons>", "VolumeSize": "<cluster.systemNodes.volumeSize>", "Registries": "<policies.registries>"}
    return template("cluster", "The cluster of <name>", made, outputs, **facts)


STATEMENTS = (
    ("Use", ("s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging"), "arn:<aws.partition>:s3:::<name>-{}/*"),
    ("List", ("s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"), "arn:<aws.partition>:s3:::<name>-{}"),
    ("Decrypt", ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"), "arn:<aws.partition>:kms:<aws.region>:<aws.accountId>:key/{}"),
)


def roles(name, members):
    """Roles with least privilege for some components, and the association that hands them out."""
    made = {}
    for component, namespace, *_, in members:
        key = component.title().replace("-", "")
        made[f"{key}Role"] = resource("IAM::Role", {
            "RoleName": f"<name>-{component}",
            "Description": f"What {component} may do in <name>",
            "MaxSessionDuration": 3600,
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                    "Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"},
                    "Action": ["sts:AssumeRole", "sts:TagSession"],
                    "Condition": {"StringEquals": {"aws:SourceAccount": "<aws.accountId>"}},
                }],
            },
            "Policies": [{
                "PolicyName": component,
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": f"{verb}{key}", "Effect": "Allow", "Action": list(actions), "Resource": [resources.format(component)],
                            "Condition": {"StringEquals": {"aws:RequestedRegion": "<aws.region>"}},
                        }
                        for verb, actions, resources in STATEMENTS
                    ],
                },
            }],
            "Tags": tags(f"<name>-{component}"),
        })
        made[f"{key}Association"] = resource("EKS::PodIdentityAssociation", {
            "ClusterName": "<name>", "Namespace": namespace, "ServiceAccount": component, "RoleArn": GetAtt(f"{key}Role", "Arn"),
            "Tags": tags(f"<name>-{component}"),
        })
    return template(name, f"Roles of the {name} of <name>", made, {name.title().replace("-", "") + "Count": str(len(made))})


def storage():
    made = {}
    for name, days in (("loki", "logs"), ("tempo", "traces"), ("velero", "backups"), ("metrics", "metrics")):
        key = name.title()
        made[f"{key}Bucket"] = resource("S3::Bucket", {
            "BucketName": f"<name>-{name}-<aws.accountId>",
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True, "BlockPublicPolicy": True, "IgnorePublicAcls": True, "RestrictPublicBuckets": True,
            },
            "LifecycleConfiguration": {
                "Rules": [{"Id": "expire", "Status": "Enabled", "ExpirationInDays": f"<retention.{days}>"}],
            },
            "Tags": tags(f"<name>-{name}"),
        }, DeletionPolicy="Retain", UpdateReplacePolicy="Retain")
        made[f"{key}BucketPolicy"] = resource("S3::BucketPolicy", {
            "Bucket": Ref(f"{key}Bucket"),
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                    "Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
                    "Resource": [GetAtt(f"{key}Bucket", "Arn"), f"arn:<aws.partition>:s3:::<name>-{name}-<aws.accountId>/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }],
            },
        })
        made[f"{key}Alarm"] = resource("CloudWatch::Alarm", {
            "AlarmName": f"<name>-{name}-size", "AlarmDescription": f"The bucket of {name} in <name> grows out of bounds",
            "Namespace": "AWS/S3", "MetricName": "BucketSizeBytes", "Statistic": "Average", "Period": 86400, "EvaluationPeriods": 1,
            "Threshold": 1099511627776, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
            "Dimensions": [{"Name": "BucketName", "Value": Ref(f"{key}Bucket")}, {"Name": "StorageType", "Value": "StandardStorage"}],
        })
    return template("storage", "Buckets of <name>", made, {"LokiBucket": Ref("LokiBucket"), "TempoBucket": Ref("TempoBucket")})


def cloudformation():
    with_role = [row for row in COMPONENTS if row[-1]]
    yield network()
    yield cluster()
    yield storage()
    for number, name in enumerate(("core", "networking", "security", "observability", "operations")):
        yield roles(f"{name}-roles", with_role[number * 3:number * 3 + 3] or with_role[:2])


# ---- Helm values ----------------------------------------------------------------------------------------------------


def values(name, namespace, repository, version, cpu, memory, role):
    """Values of one chart; the settings of the component stand in the environment, the rest is the template's own."""
    at = [row[0] for row in COMPONENTS].index(name)
    settings = ["metrics", "webhook", "controller", "agent", "operator", "relay"][: 4 + at % 3]
    body = {
        "fullnameOverride": name,
        "global": {"clusterName": "<name>", "region": "<aws.region>", "imageRegistry": "<aws.accountId>.dkr.ecr.<aws.region>.amazonaws.com"},
        "replicaCount": "<component.replicas>",
        "logLevel": "<component.logLevel>",
        "resources": "<component.resources>",
        "serviceAccount": {"create": True, "name": name, "annotations": {"platform.example.com/role": f"<name>-{name}" if role else "none"}},
        "podLabels": {"app.kubernetes.io/part-of": "platform", "platform.example.com/environment": "<name>", "platform.example.com/owner": "<owner.team>"},
        # The agent has to run on each node, whatever its taints.
        "tolerations": [{"operator": "Exists"} if name == "cilium" else {"key": "CriticalAddonsOnly", "operator": "Exists"}],
        "nodeSelector": {"kubernetes.io/os": "linux", "node-role": "system"},
        "topologySpreadConstraints": [
            {
                "maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app.kubernetes.io/name": name}},
            }
            for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
        ],
        "securityContext": {
            "runAsNonRoot": True, "readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"},
        },
        "extraEnv": [{"name": "CLUSTER_NAME", "value": "<name>"}, {"name": "AWS_REGION", "value": "<aws.region>"}, {"name": "RETENTION_DAYS", "value": "<retention.logs> days"}],
        "config": f"""\
# {name} in <name>
cluster: <name>
endpoint: https://{name}.<domain>/api
log:
  level: <component.logLevel>
  format: json
""",
    }
    for setting in settings:
        body[setting] = {
            "enabled": True,
            "image": {"repository": f"platform/{name}-{setting}", "tag": f"v{version}", "pullPolicy": "IfNotPresent"},
            "resources": {"requests": {"cpu": f"{cpu // 2}m", "memory": f"{memory // 2}Mi"}, "limits": {"memory": f"{memory}Mi"}},
            "service": {"type": "ClusterIP", "port": 8080 + at, "targetPort": "http", "annotations": {}},
            "serviceMonitor": {"enabled": True, "interval": "30s", "scrapeTimeout": "10s", "labels": {"release": "monitoring"}},
            "livenessProbe": {"httpGet": {"path": "/healthz", "port": "http"}, "initialDelaySeconds": 10, "periodSeconds": 15, "failureThreshold": 3},
            "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http"}, "initialDelaySeconds": 5, "periodSeconds": 10, "failureThreshold": 3},
            "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": 100, "podAffinityTerm": {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app.kubernetes.io/component": setting}}}},
            ]}},
            "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
            "host": f"{setting}.{name}.<domain>",
        }
    if name == "cilium":
        body[When("features.hubbleUi")] = {"hubble": {"enabled": True, "relay": {"enabled": True}, "ui": {"enabled": True, "ingress": {"hosts": ["hubble.<domain>"]}}}}
    return Artifact(f"helm/{name}/values.yaml", f"helm/{name}/values.yaml", body, find=("component", "components", name))


# ---- Kubernetes objects ---------------------------------------------------------------------------------------------


def labels(component):
    return {
        "app.kubernetes.io/managed-by": "platc", "app.kubernetes.io/part-of": "platform", "app.kubernetes.io/component": component,
        "platform.example.com/environment": "<name>", "platform.example.com/tier": "<tier>",
    }


def requirement(key, values):
    return {"key": key, "operator": "In", "values": values}


def karpenter():
    yield Artifact("karpenter/nodepool.yaml", "karpenter/nodepool-<pool.name>.yaml", {
        "apiVersion": "karpenter.sh/v1", "kind": "NodePool",
        "metadata": {"name": "<pool.name>", "labels": labels("karpenter"), "annotations": {"platform.example.com/team": "<pool.team>"}},
        "spec": {
            "weight": "<pool.weight>",
            "limits": {"cpu": "<pool.cpuLimit>", "memory": "<pool.memoryLimit>"},
            "disruption": {
                "consolidationPolicy": "WhenEmptyOrUnderutilized", "consolidateAfter": "<pool.consolidateAfter>",
                "budgets": [{"nodes": "10%"}, {"nodes": "0", "schedule": "0 7 * * mon-fri", "duration": "10h", "reasons": ["Drifted"]}],
            },
            "template": {
                "metadata": {"labels": {"platform.example.com/pool": "<pool.name>", **labels("node")}},
                "spec": {
                    "expireAfter": "<pool.expireAfter>",
                    "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "<pool.name>"},
                    "startupTaints": [{"key": "node.cilium.io/agent-not-ready", "value": "true", "effect": "NoExecute"}],
                    "requirements": [
                        requirement("karpenter.sh/capacity-type", "<pool.capacityTypes>"),
                        requirement("karpenter.k8s.aws/instance-category", "<pool.categories>"),
                        requirement("karpenter.k8s.aws/instance-size", "<pool.sizes>"),
                        requirement("kubernetes.io/arch", "<pool.architectures>"),
                        requirement("kubernetes.io/os", ["linux"]),
                    ],
                },
            },
        },
    }, each=("pool", "karpenter.nodePools"))
    yield Artifact("karpenter/nodeclass.yaml", "karpenter/nodeclass-<pool.name>.yaml", {
        "apiVersion": "karpenter.k8s.aws/v1", "kind": "EC2NodeClass",
        "metadata": {"name": "<pool.name>", "labels": labels("karpenter")},
        "spec": {
            "role": "<name>-karpenter-node",
            "amiSelectorTerms": [{"alias": "<karpenter.amiAlias>"}],
            "subnetSelectorTerms": [{"tags": {"karpenter.sh/discovery": "<name>"}}],
            "securityGroupSelectorTerms": [{"tags": {"karpenter.sh/discovery": "<name>"}}],
            "metadataOptions": {"httpEndpoint": "enabled", "httpPutResponseHopLimit": 1, "httpTokens": "required"},
            "blockDeviceMappings": [
                {"deviceName": device, "ebs": {"encrypted": True, "volumeSize": size, "volumeType": "gp3", "deleteOnTermination": True}}
                for device, size in (("/dev/xvda", "4Gi"), ("/dev/xvdb", "60Gi"))
            ],
            "tags": {"environment": "<name>", "pool": "<pool.name>", "owner": "<owner.mail>"},
        },
    }, each=("pool", "karpenter.nodePools"))


POLICIES = [
    ("disallow-privileged", "!has(c.securityContext) || c.securityContext.?privileged.orValue(false) == false", "privileged containers are not allowed"),
    ("disallow-privilege-escalation", "has(c.securityContext) && c.securityContext.?allowPrivilegeEscalation.orValue(true) == false", "privilege escalation must be off"),
    ("disallow-latest-tag", "c.image.contains(':') && !c.image.endsWith(':latest')", "an image needs a tag other than latest"),
    ("require-non-root", "has(c.securityContext) && c.securityContext.?runAsNonRoot.orValue(false)", "containers must run as non-root"),
    ("require-read-only-root", "has(c.securityContext) && c.securityContext.?readOnlyRootFilesystem.orValue(false)", "the root filesystem must be read-only"),
    ("require-drop-all", "has(c.securityContext) && c.securityContext.?capabilities.?drop.orValue([]).exists(d, d == 'ALL')", "all capabilities must be dropped"),
    ("require-probes", "has(c.livenessProbe) && has(c.readinessProbe)", "containers need probes"),
    ("require-requests", "has(c.resources) && has(c.resources.requests)", "containers need requests"),
    ("require-memory-limit", "has(c.resources) && has(c.resources.limits) && 'memory' in c.resources.limits", "containers need a memory limit"),
    ("disallow-host-ports", "!has(c.ports) || c.ports.all(p, !has(p.hostPort) || p.hostPort == 0)", "host ports are not allowed"),
    ("disallow-proc-mount", "!has(c.securityContext) || c.securityContext.?procMount.orValue('Default') == 'Default'", "procMount must be the default"),
    ("restrict-seccomp", "!has(c.securityContext) || c.securityContext.?seccompProfile.?type.orValue('RuntimeDefault') != 'Unconfined'", "seccomp must not be off"),
]


def policy(name, expression, message):
    """A policy on every kind of container, with its exceptions."""
    kinds = ["containers", "initContainers", "ephemeralContainers"]
    excluded = ["kube-system", "kyverno", "falco", "trivy-system", "monitoring", "velero", "karpenter"]
    return Artifact(f"kyverno/{name}.yaml", f"kyverno/{name}.yaml", {
        "apiVersion": "policies.kyverno.io/v1", "kind": "ValidatingPolicy",
        "metadata": {
            "name": name, "labels": labels("kyverno"),
            "annotations": {
                "policies.kyverno.io/title": name.replace("-", " ").capitalize(), "policies.kyverno.io/category": "Pod Security",
                "policies.kyverno.io/severity": "high", "policies.kyverno.io/subject": "Pod",
                "policies.kyverno.io/description": f"In <name> {message}. Ask <owner.mail> for an exception.",
            },
        },
        "spec": {
            "validationActions": ["<policies.action>"],
            "evaluation": {"background": {"enabled": True}, "admission": {"enabled": True}},
            "matchConstraints": {
                "resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["pods"]}],
                "namespaceSelector": {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": excluded}]},
            },
            "autogen": {"podControllers": {"controllers": ["deployments", "statefulsets", "daemonsets", "jobs", "cronjobs"]}},
            "variables": [
                {"name": kind, "expression": f"object.spec.?{kind}.orValue([])"} for kind in kinds
            ] + [{"name": "registries", "expression": "['public.ecr.aws/', '<aws.accountId>.dkr.ecr.<aws.region>.amazonaws.com/']"}],
            "validations": [
                {"expression": f"variables.{kind}.all(c, {expression})", "message": f"{message} ({kind}, <name>)"} for kind in kinds
            ],
        },
    })


def applications():
    yield Artifact("argocd/application.yaml", "argocd/<component.name>.yaml", {
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
        "metadata": {
            "name": "<name>-<component.name>", "namespace": "argocd", "labels": labels("argocd"),
            "annotations": {"argocd.argoproj.io/sync-wave": "<component.wave>0"},
            "finalizers": ["resources-finalizer.argocd.argoproj.io"],
        },
        "spec": {
            "project": "platform-<tier>",
            "destination": {"name": "<name>", "namespace": "<component.namespace>"},
            "sources": [
                {
                    "repoURL": "<component.repository>", "chart": "<component.name>", "targetRevision": "<component.version>",
                    "helm": {"releaseName": "<component.name>", "valueFiles": ["$values/rendered/<name>/helm/<component.name>/values.yaml"]},
                },
                {"repoURL": "https://git.example.com/platform/rendered.git", "targetRevision": "main", "ref": "values"},
            ],
            "syncPolicy": {
                "automated": {"prune": True, "selfHeal": True, "allowEmpty": False},
                "syncOptions": ["CreateNamespace=true", "ServerSideApply=true", "PruneLast=true"],
                "retry": {"limit": 5, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"}},
            },
            "ignoreDifferences": [{"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas"]}],
        },
    }, each=("component", "components"))


def git_sync():
    stacks = ["network", "cluster", "storage"] + [f"{name}-roles" for name in ("core", "networking", "security", "observability", "operations")]
    for stack in stacks:
        yield Artifact(f"git-sync/{stack}.yaml", f"git-sync/{stack}.yaml", {
            "template-file-path": f"rendered/<name>/cloudformation/{stack}.yaml",
            "parameters": {},
            "tags": {"environment": "<name>", "stack": stack, "owner": "<owner.mail>", "tier": "<tier>"},
        })
