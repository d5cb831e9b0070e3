"""Renders every chart of this repository's golden trees by Helm, with the trees' own values; prints a Markdown table.

    .ci/tools/venv/bin/python benches/charts.py FOLDER               # each chart in each environment
    .ci/tools/venv/bin/python benches/charts.py FOLDER --effects     # and which values change nothing
    .ci/tools/venv/bin/python benches/charts.py FOLDER prod tempo    # only where a word is in `environment/release`

FOLDER holds charts as `helm pull` or a clone leaves them: `NAME/Chart.yaml` or `NAME-VERSION.tgz`. None is committed
here, since charts belong to others. A chart whose version is not the pinned one is rendered and named; one that is not
there is left out and named.

What it tells, all of which stops an environment although every file in it is valid:

- what Helm refuses: a value that the chart reads below and that is null, a type that it does not expect, its own schema;
- a key that stands twice in one map: Helm lets it pass, Flux (by Kustomize) refuses the whole release;
- a document without apiVersion or kind, and the same object twice in one release;
- with `--effects`, values that the chart never reads: each is changed in turn, and the result is compared. A value
  that only counts together with another one is told, too, so this is a list to look through and not a verdict.

Exit 1 if anything is refused.
"""

import argparse
import copy
import shutil
import subprocess
import sys
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
HELM = ROOT / ".ci/tools/bin/helm"
# What a cluster of the platform serves when its charts arrive: charts ask for these before they write such objects.
SERVED = [
    "monitoring.coreos.com/v1",
    "monitoring.coreos.com/v1/ServiceMonitor",
    "cert-manager.io/v1",
    "policy/v1/PodDisruptionBudget",
    "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy",
]


@dataclass(frozen=True)
class Release:
    """A chart with values, as one environment installs it."""

    environment: str
    name: str
    namespace: str
    chart: str
    version: str
    values: Path

    def __str__(self):
        return f"{self.environment}/{self.name}"


@dataclass
class Result:
    release: Release
    found: str = ""
    objects: int = 0
    errors: list = field(default_factory=list)
    without_effect: list = field(default_factory=list)


# ---- what the trees install ---------------------------------------------------------------------------------------


def documents_of(tree):
    for path in sorted(tree.rglob("*.yaml")):
        for document in yaml.load_all(path.read_text(), yaml.CSafeLoader):
            if isinstance(document, dict) and "kind" in document:
                yield path, document


def releases_of(tree):
    """All releases of one tree: Argo CD's applications, Flux's releases, and what is installed by hand before both."""
    for path, document in documents_of(tree):
        if document["kind"] == "Application":
            yield from application(tree, document)
        elif document["kind"] == "HelmRelease":
            yield helm_release(tree, path, document)


def application(tree, document):
    spec = document["spec"]
    for source in spec.get("sources", [spec.get("source", {})]):
        files = source.get("helm", {}).get("valueFiles", [])
        if "chart" not in source or not files:
            continue
        inside = files[0].split(f"/{tree.name}/", 1)[1]
        name = source["helm"].get("releaseName", document["metadata"]["name"])
        chart = source["chart"].rsplit("/", 1)[-1]
        yield Release(tree.name, name, spec["destination"]["namespace"], chart, source["targetRevision"], tree / inside)


def helm_release(tree, path, document):
    """Flux's: the values stand in a ConfigMap, which the folder's kustomization makes of a file."""
    spec = document["spec"]
    made = yaml.load((path.parent / "kustomization.yaml").read_text(), yaml.CSafeLoader)
    files = {each["name"]: each["files"][0].split("=", 1)[1] for each in made["configMapGenerator"]}
    values = (path.parent / files[spec["valuesFrom"][0]["name"]]).resolve()
    chart, version = chart_of(path, spec)
    return Release(tree.name, spec["releaseName"], spec["targetNamespace"], chart, version, values)


def chart_of(path, spec):
    if "chart" in spec:
        return spec["chart"]["spec"]["chart"], spec["chart"]["spec"]["version"]
    source = yaml.load((path.parent / "source.yaml").read_text(), yaml.CSafeLoader)
    reference = source["spec"]["ref"]
    return source["spec"]["url"].rsplit("/", 1)[-1], reference.get("tag") or reference["semver"]


def bootstrap_of(tree, gitops):
    """The engine's own chart, which is installed by hand before the engine can do anything."""
    for engine, chart in (("argocd", "argo-cd"), ("flux", "flux2")):
        values = tree / f"bootstrap/{chart}/values.yaml"
        if values.is_file():
            pinned = gitops[engine]["chart"]["version"]
            yield Release(tree.name, chart, gitops[engine]["namespace"], chart, pinned, values)


def all_releases(trees):
    gitops = yaml.load((ROOT / "environments/base/gitops.yaml").read_text(), yaml.CSafeLoader)["gitops"]
    for tree in sorted(path for path in trees.iterdir() if path.is_dir()):
        found = {release.name: release for release in bootstrap_of(tree, gitops)}
        found |= {release.name: release for release in releases_of(tree)}
        yield from found.values()


# ---- the folder of charts -----------------------------------------------------------------------------------------


class Charts:
    """Charts by name, unpacked, without the dependencies that nobody brought (they are off by default, or Helm says so)."""

    def __init__(self, folder, scratch):
        self.by_name = {}
        self.left_out = []
        for archive in sorted(folder.glob("*.tgz")):
            with tarfile.open(archive) as file:
                file.extractall(scratch, filter="data")
        for place in (folder, scratch):
            for path in sorted(place.glob("*/Chart.yaml")):
                about = yaml.load(path.read_text(), yaml.CSafeLoader)
                found = self.by_name.setdefault(about["name"], {})
                found[str(about["version"])] = self.complete(path.parent, about, scratch)

    def nearest(self, name, version):
        """The chart of that version, else the newest that is there (by text: good enough, since it is named)."""
        found = self.by_name.get(name, {})
        return (version if version in found else max(found, default=None)), found

    def complete(self, chart, about, scratch):
        wanted = about.get("dependencies", [])
        brought = {path.parent.name for path in chart.glob("charts/*/Chart.yaml")}
        packed = [path.name for path in chart.glob("charts/*.tgz")]
        kept = [each for each in wanted if each["name"] in brought or any(p.startswith(each["name"]) for p in packed)]
        if len(kept) == len(wanted):
            return chart
        missing = sorted(each["name"] for each in wanted if each not in kept)
        self.left_out.append(f"{about['name']}: {', '.join(missing)}")
        copied = scratch / "completed" / chart.name
        shutil.copytree(chart, copied)
        (copied / "Chart.lock").unlink(missing_ok=True)
        (copied / "Chart.yaml").write_text(yaml.safe_dump(about | {"dependencies": kept}))
        return copied


# ---- rendering ----------------------------------------------------------------------------------------------------


def helm(release, chart, values, kubernetes):
    command = [HELM, "template", release.name, chart, "--namespace", release.namespace, "--values", values]
    command += ["--include-crds", "--kube-version", kubernetes, "--api-versions", ",".join(SERVED)]
    return subprocess.run(command, capture_output=True, text=True)


def render(release, charts, kubernetes, effects):
    result = Result(release)
    version, found = charts.nearest(release.chart, release.version)
    if version is None:
        return result
    chart, result.found = found[version], version
    done = helm(release, chart, release.values, kubernetes)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        result.errors.append(next((line for line in lines if line.startswith("Error: ")), lines[-1]))
        return result
    judge(done.stdout, result)
    if effects:
        result.without_effect = sorted(unread(release, chart, kubernetes, done.stdout))
    return result


# ---- judging ------------------------------------------------------------------------------------------------------


class Strict(yaml.CBaseLoader):
    """Reads scalars as texts, and refuses a map that has one key twice, as the readers of Kustomize and Flux do."""

    def construct_mapping(self, node, deep=False):
        seen = {}
        for key, _ in node.value:
            if key.value in seen:
                place = f"line {key.start_mark.line + 1}, first in line {seen[key.value] + 1}"
                raise yaml.constructor.ConstructorError(None, None, f"`{key.value}` stands twice: {place}")
            seen[key.value] = key.start_mark.line
        return super().construct_mapping(node, deep)


Strict.add_constructor("tag:yaml.org,2002:map", lambda loader, node: loader.construct_mapping(node, deep=True))


def judge(text, result):
    seen = set()
    for number, part in enumerate(("\n" + text).split("\n---"), start=1):
        try:
            document = yaml.load(part.partition("\n")[2] if number > 1 else part, Strict)
        except yaml.YAMLError as error:
            source = next((line for line in part.splitlines() if line.startswith("# Source:")), "")
            result.errors.append(f"{source.removeprefix('# Source: ')}: {getattr(error, 'problem', error)}")
            continue
        if not document:
            continue
        result.objects += 1
        metadata = document.get("metadata", {})
        name = document.get("apiVersion"), document.get("kind"), metadata.get("namespace"), metadata.get("name")
        if not name[0] or not name[1]:
            result.errors.append(f"a document without apiVersion or kind: {str(document)[:80]}")
        elif name in seen:
            result.errors.append(f"twice in one release: {name[1]} `{name[3]}`")
        seen.add(name)


# ---- values without effect ----------------------------------------------------------------------------------------


def leaves(value, path=()):
    if isinstance(value, dict) and value:
        for key, below in value.items():
            yield from leaves(below, (*path, key))
    elif isinstance(value, list) and value:
        for index, below in enumerate(value):
            yield from leaves(below, (*path, index))
    else:
        yield path, value


def other(value):
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    return {str: f"{value}x", dict: {"platc": "probe"}, list: ["probe"]}.get(type(value), "probe")


def unread(release, chart, kubernetes, expected):
    """The values that can be changed, or taken away, without a change of what Helm prints."""
    values = yaml.load(release.values.read_text(), yaml.CSafeLoader) or {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "values.yaml"
        for path, value in leaves(values):
            changed = copy.deepcopy(values)
            parent = changed
            for step in path[:-1]:
                parent = parent[step]
            parent[path[-1]] = other(value)
            file.write_text(yaml.safe_dump(changed))
            done = helm(release, chart, file, kubernetes)
            if done.returncode == 0 and stable(done.stdout) == stable(expected):
                yield ".".join(map(str, path))


def stable(text):
    """Without what Helm makes anew each time: certificates and passwords."""
    secret = ("caBundle:", "tls.crt:", "tls.key:", "ca.crt:", "ca.key:", "token:", "password:")
    return [line for line in text.splitlines() if not line.strip().startswith(secret)]


# ---- printing -----------------------------------------------------------------------------------------------------


def table(results):
    by_chart = {}
    for result in results:
        by_chart.setdefault(result.release.chart, []).append(result)
    print("| chart | pinned | rendered | environments | objects | refused |")
    print("|---|---|---|---|---|---|")
    for chart, each in sorted(by_chart.items()):
        pinned = ", ".join(sorted({result.release.version for result in each}))
        found = each[0].found or "not there"
        objects = sorted({result.objects for result in each})
        span = str(objects[0]) if len(objects) == 1 else f"{objects[0]}–{objects[-1]}"
        refused = sum(bool(result.errors) for result in each)
        print(f"| {chart} | {pinned} | {found} | {len(each)} | {span} | {refused or ''} |")


def details(results, charts):
    errors = {}
    for result in results:
        for error in result.errors:
            errors.setdefault((result.release.name, error), []).append(result.release.environment)
    for (name, error), environments in sorted(errors.items()):
        print(f"\n{name} ({', '.join(environments)}): {error}")
    idle = {}
    for result in results:
        for path in result.without_effect:
            idle.setdefault((result.release.name, path), []).append(result.release.environment)
    for (name, path), environments in sorted(idle.items()):
        print(f"\nwithout effect: {name} `{path}` ({', '.join(environments)})")
    for line in charts.left_out:
        print(f"\ndependencies that are not there: {line}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a folder of charts")
    parser.add_argument("words", nargs="*", help="only releases whose `environment/release` holds all of these")
    parser.add_argument("--trees", type=Path, default=ROOT / "golden")
    parser.add_argument("--kubernetes", default="1.35.0")
    parser.add_argument("--effects", action="store_true")
    arguments = parser.parse_args()
    wanted = [each for each in all_releases(arguments.trees) if all(word in str(each) for word in arguments.words)]
    with tempfile.TemporaryDirectory() as scratch:
        charts = Charts(arguments.folder, Path(scratch))
        with ThreadPoolExecutor(2) as pool:
            judged = lambda release: render(release, charts, arguments.kubernetes, arguments.effects)  # noqa: E731
            results = list(pool.map(judged, wanted))
        table(results)
        details(results, charts)
    return int(any(result.errors for result in results))


if __name__ == "__main__":
    sys.exit(main())
