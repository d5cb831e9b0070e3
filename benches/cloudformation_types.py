#!/usr/bin/env python3
"""Writes the tables of CloudFormation's resource types in src/rules/schemas/resource_types: by hand, with cfn-lint (PyPI)
installed, which holds the schemas of CloudFormation's registry and what it knows beyond them.

    python3 benches/cloudformation_types.py 2026-11-29
"""

import importlib
import importlib.metadata
import inspect
import json
import pathlib
import pkgutil
import re
import string
import sys

import cfnlint
import cfnlint.rules.resources
from cfnlint.rules.jsonschema.CfnLintJsonSchema import CfnLintJsonSchema

day = sys.argv[1]
data = pathlib.Path(cfnlint.__file__).parent / "data/schemas"
folder = pathlib.Path(__file__).parent.parent / "src/rules/schemas/resource_types"
dated = json.loads((data / "version.json").read_text())["schema_date"][:10]
HEADER = f"""# Resource types of CloudFormation's registry as of {dated}, by cfn-lint {importlib.metadata.version('cfn-lint')}
# (https://github.com/aws-cloudformation/cfn-lint), MIT-0, looked up on {day}. Made by benches/cloudformation_types.py; do not edit.
"""
# Services whose types are judged by their properties; of the others the table has the names.
SERVICES = """ACMPCA APS AccessAnalyzer AmazonMQ ApiGateway ApiGatewayV2 AppConfig ApplicationAutoScaling AppSync ARCZonalShift Athena
AutoScaling Backup Batch Budgets CE CUR CertificateManager Chatbot CloudFormation CloudFront CloudTrail CloudWatch CodeArtifact
CodeBuild CodeCommit CodeConnections CodeDeploy CodePipeline CodeStarConnections CodeStarNotifications Cognito Config DAX DLM
DirectoryService DocDB DynamoDB EC2 ECR ECS EFS EKS ElastiCache ElasticBeanstalk ElasticLoadBalancing ElasticLoadBalancingV2 Elasticsearch
EventSchemas Events FIS FSx GlobalAccelerator Grafana GuardDuty IAM IdentityStore KMS Kinesis
KinesisFirehose Lambda Logs MSK MWAA MemoryDB Neptune NetworkFirewall Oam OpenSearchServerless OpenSearchService
OSIS Organizations Pipes RAM RDS RUM Rbin ResourceGroups RolesAnywhere Route53 Route53Profiles Route53Resolver
S3 S3Express S3Tables SNS SQS SSM SSO SecretsManager ServiceCatalog ServiceDiscovery Shield Signer StepFunctions Synthetics
VpcLattice WAF WAFRegional WAFv2 XRay""".split()
# Words that are kept as they are.
PLAIN = ["type", "$ref", "required", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems",
         "uniqueItems", "additionalProperties", "dependentRequired", "dependentExcluded", "format", "const", "minProperties",
         "maxProperties", "enumCaseInsensitive", "exclusiveMinimum", "exclusiveMaximum"]
NAMED = ["properties", "patternProperties"]
ONE = ["items", "if", "then", "else", "not"]
SEVERAL = ["oneOf", "anyOf", "allOf"]
# Formats that say what a value names; of others there is nothing to judge.
FORMATS = re.compile(r"^ipv[46]$|^AWS::(EC2::(VPC|Subnet|SecurityGroup|Image)\.Ids?|EC2::SecurityGroup\.Names?|IAM::Role\.Arn|KMS::Key\.(Arn|Id)"
                     r"|KMS::Alias\.AliasName|SNS::Topic\.Arn|SQS::Queue\.Arn|Lambda::Function\.Arn|ACM::Certificate\.Arn|Logs::LogGroup\.Name|S3::Bucket\.Name)$")
# What says nothing, what needs a larger engine, and letters of all scripts, of which a table is as large as this one.
USELESS = re.compile(r"^\^?(\(?\[\\s\\S\]|\.|\(\?s\)\.)[*+]?\)?\$?$")
BEYOND = re.compile(r"\(\?[=!<]|\\p\{|\\P\{|\[\[:|&&|\\[1-9]|\\u")
DIGITS = string.digits + string.ascii_letters


def number(value, digits):
    text = ""
    for _ in range(digits):
        value, rest = divmod(value, 62)
        text = DIGITS[rest] + text
    return text


def pattern(text):
    """A pattern in the words of a small engine, or none."""
    # cfn-lint's own for mail records has an error in it.
    if text.startswith("^([0-9]{1,4}|[1-5][0-9]{4}"):
        text = "^[0-9]{1,5}\\s\\S+$"
    text = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda it: f"\\x{{{it[1]}}}", text).replace("\\Z", "$").replace("\\/", "/")
    return None if USELESS.match(text) or BEYOND.search(text) else text


def clean(schema):
    if not isinstance(schema, dict):
        return schema
    out = {}
    for word, value in schema.items():
        if word == "pattern":
            value = pattern(value)
            if value is not None:
                out[word] = value
        elif word == "format":
            if FORMATS.match(value):
                out[word] = value
        elif word == "uniqueItems" and value is False or word in ("minItems", "minLength", "minProperties") and value == 0:
            pass
        elif word == "type" and value == "object" and "properties" in schema:
            out[word] = value
        elif word in NAMED:
            out[word] = {name: clean(below) for name, below in value.items()}
        elif word in ONE:
            out[word] = clean(value)
        elif word in SEVERAL:
            out[word] = [*out.get(word, []), *(clean(below) for below in value)]
        elif word == "dependencies":
            out["dependentRequired"] = {name: value for name, value in value.items() if isinstance(value, list)}
        elif word in ("requiredXor", "requiredOr"):
            one = {"oneOf" if word == "requiredXor" else "anyOf": [{"required": [name]} for name in value]}
            if all(isinstance(name, str) for name in value):
                out["allOf"] = [*out.get("allOf", []), one]
        elif word in PLAIN:
            out[word] = value
    return out


def without_old(schema):
    """Without what AWS has widened since: a gp3 volume takes 80,000 IOPS now."""
    if isinstance(schema, list):
        return [without_old(below) for below in schema if not (isinstance(below, dict) and '"gp3"' in json.dumps(below.get("if", "")))]
    if isinstance(schema, dict):
        return {word: without_old(below) for word, below in schema.items()}
    return schema


def paths(names):
    for name in names:
        name = name.removeprefix("/properties/").replace("/properties/", "/")
        if "*" not in name and name:
            yield name.replace("/", ".")


# Rules of cfn-lint that ask for versions of engines, which change with time.
DATED = {"E3690", "E3691", "E3695"}


def beyond():
    """What cfn-lint knows of types beyond their schemas, where that is about the resource alone: by type, as schemas."""
    found = {}
    for module in pkgutil.walk_packages(cfnlint.rules.resources.__path__, "cfnlint.rules.resources."):
        for _, made in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if made.__module__ != module.name or not issubclass(made, CfnLintJsonSchema):
                continue
            rule = made()
            words = json.dumps(rule.schema)
            is_elsewhere = "cfnGather" in words or "cfnContext" in words or len(words) > 9_000 or len(words) < 10
            if is_elsewhere or rule.id[0] != "E" or rule.id in DATED or "us-east-1" in words:
                continue
            definitions = {name: clean(below) for name, below in rule.schema.get("definitions", {}).items()}
            schema = refer(without_old(clean(rule.schema)), definitions, frozenset())
            for keyword in filter(lambda it: it.count("/") > 1, rule.keywords):
                _, name, *steps = keyword.split("/")
                if not name.startswith("AWS::") or steps[:1] != ["Properties"]:
                    continue
                inner = schema
                for step in reversed(steps[1:]):
                    inner = {"items": inner} if step == "*" else {"properties": {step: inner}}
                found.setdefault(name, []).append(inner)
    return found


types = {}
for file in (data / "providers").glob("*.json"):
    for name, key in json.loads(file.read_text()).items():
        if file.stem == "us-east-1" or name not in types:
            types[name] = key

lines, numbers = [], {}


def place(schema):
    """The number of a definition, which is written once."""
    line = json.dumps(schema, separators=(",", ":"), ensure_ascii=True)
    if line not in numbers:
        numbers[line] = len(lines)
        lines.append(line)
    return numbers[line]


def refer(schema, definitions, within):
    """A schema whose references are numbers of definitions. One that holds itself ends there."""
    if isinstance(schema, list):
        return [refer(below, definitions, within) for below in schema]
    if not isinstance(schema, dict):
        return schema
    out = {}
    for word, value in schema.items():
        if word == "$ref" and not value.startswith("#/"):
            out[word] = value
        elif word == "$ref":
            name = value.rpartition("/")[2]
            below = definitions.get(name)
            if below is None or name in within:
                continue
            below = refer(below, definitions, within | {name})
            # A short one stands where it is used.
            if len(json.dumps(below)) < 40:
                out.update(below)
            else:
                out["$ref"] = f"#{place(below)}"
        else:
            out[word] = refer(value, definitions, within)
    return out


more = beyond()
# docs.aws.amazon.com, "RunInstances": one of them says which image to start.
more.setdefault("AWS::EC2::Instance", []).append({"anyOf": [{"required": ["ImageId"]}, {"required": ["LaunchTemplate"]}]})
index = []
for name in sorted(types):
    if name.split("::")[1] not in SERVICES:
        index.append((name, None))
        continue
    schema = json.loads((data / "resources" / f"{types[name]}.json").read_text())
    root = clean(schema)
    root["allOf"] = [*root.get("allOf", []), *more.get(name, [])]
    if not root["allOf"]:
        del root["allOf"]
    if known := sorted(set(paths(schema.get("readOnlyProperties", [])))):
        root["x-aws-read-only"] = known
    identifier = [*paths(schema.get("primaryIdentifier", []))]
    if len(identifier) == 1:
        root["x-aws-id"] = identifier[0]
    definitions = {key: clean(below) for key, below in schema.get("definitions", {}).items()}
    root["type"] = "object"
    index.append((name, place(refer(root, definitions, frozenset()))))

# Where each begins is known once all are there.
begin, begins = len(HEADER.encode()), []
REFERENCE = re.compile(r'"\$ref":"#(\d+)"')
WIDTH = 3 + 4
for line in lines:
    begins.append(begin)
    begin += len(REFERENCE.sub(f'"$ref":"{"0" * WIDTH}"', line).encode()) + 1


def code(at):
    return number(at, 3) + number(begins[at], 4)


folder.mkdir(exist_ok=True)
text = HEADER + "".join(REFERENCE.sub(lambda it: f'"$ref":"{code(int(it[1]))}"', line) + "\n" for line in lines)
# In two files: no file of the repository is over 1 MiB.
half = text.index("\n", len(text) // 2) + 1
for name, part in (("definitions-1.txt", text[:half]), ("definitions-2.txt", text[half:])):
    (folder / name).write_text(part)
names = HEADER + "".join(name + ("" if at is None else f" {code(at)}") + "\n" for name, at in index)
(folder / "types.txt").write_text(names)
print(f"{len(index)} types, {sum(at is not None for _, at in index)} judged, {len(lines)} definitions, {len(text)} and {len(names)} bytes")
