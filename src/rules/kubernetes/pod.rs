//! Pods that the API server refuses for what they say twice, or refer to and do not have.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};

rule! {
    POD = Error "kubernetes/pod";
    summary: "a pod that the API server refuses";
    explanation: "The containers of a pod, those that run first among them, have different names, and so have its volumes and the named ports of one container. A `volumeMounts` names one of the pod's volumes, or a claim that its StatefulSet makes. The pods of a Job are restarted `Never` or `OnFailure`, and it has to say which; those of a Deployment, StatefulSet or DaemonSet `Always`. Mounts and restarts are not judged where a kustomization has patches that could add them.";
    wrong: "
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec:
          containers: [{name: web, image: 'example.com/web:1', volumeMounts: [{name: date, mountPath: /data}]}]
          volumes: [{name: data, emptyDir: {}}]
    ";
    right: "
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec:
          containers: [{name: web, image: 'example.com/web:1', volumeMounts: [{name: data, mountPath: /data}]}]
          volumes: [{name: data, emptyDir: {}}]
    ";
}

rule! {
    DUPLICATE_ENV = Warning "kubernetes/duplicate-env";
    summary: "a container has a variable twice";
    explanation: "Of two entries of `env` with one name the last one holds, and whoever reads the first is misled. Tools that merge lists by name, such as `kubectl apply`, may drop either.";
    wrong: "
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec: {containers: [{name: web, image: 'example.com/web:1', env: [{name: LEVEL, value: info}, {name: LEVEL, value: debug}]}]}
    ";
    right: "
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec: {containers: [{name: web, image: 'example.com/web:1', env: [{name: LEVEL, value: debug}]}]}
    ";
}

/// What a patch can put right.
pub(super) fn check(view: &View<'_>, report: &mut Report) {
    if view.is_patched() {
        return;
    }
    for object in view.objects() {
        let Some(spec) = object.pod_template().and_then(|pod| pod.get("spec")) else { continue };
        mounts(object, &spec, &spec.list(["volumes"]), &object.containers(), report);
        restarts(object, &spec, report);
    }
}

/// What stands twice in one pod.
pub(super) fn check_twice(view: &View<'_>, report: &mut Report) {
    for object in view.objects() {
        let Some(spec) = object.pod_template().and_then(|pod| pod.get("spec")) else { continue };
        let containers = object.containers();
        for name in twice(&containers) {
            name.tell("containers", report);
        }
        let volumes = spec.list(["volumes"]);
        for name in twice(&volumes) {
            name.tell("volumes", report);
        }
        for container in &containers {
            let list = |key: &str| container.list([key]);
            for name in twice(&list("ports")) {
                name.tell("ports of the container", report);
            }
            for Twice { text, first, again } in twice(&variables(&list("env"))) {
                report
                    .at(&DUPLICATE_ENV, &again, format!("the container has the variable `{text}` twice"))
                    .label("this one holds")
                    .also(&first, "this one does not")
                    .help("keep one of them");
            }
        }
    }
}

/// Those that are not made of their own earlier value, `$(NAME)`.
fn variables<'a>(env: &[Node<'a>]) -> Vec<Node<'a>> {
    let builds_on_itself = |item: &&Node<'a>| {
        let name = item.text_at(["name"]).unwrap_or_default();
        item.text_at(["value"]).is_some_and(|value| value.contains(&format!("$({name})")))
    };
    env.iter().filter(|item| !builds_on_itself(item)).copied().collect()
}

struct Twice<'a> {
    text: &'a str,
    first: Node<'a>,
    again: Node<'a>,
}

impl Twice<'_> {
    fn tell(&self, what: &str, report: &mut Report) {
        report
            .at(&POD, &self.again, format!("two {what} have the name `{}`", self.text))
            .also(&self.first, "the other one")
            .help("give one of them another name");
    }
}

/// Names that items have had before.
fn twice<'a>(items: &[Node<'a>]) -> Vec<Twice<'a>> {
    let mut seen: BTreeMap<&str, Node<'a>> = BTreeMap::new();
    let mut found = Vec::new();
    for again in items.iter().filter_map(|item| item.get("name")) {
        let Some(text) = again.text().filter(|text| !text.is_empty()) else { continue };
        match seen.get(text) {
            Some(first) => found.push(Twice { text, first: *first, again }),
            None => drop(seen.insert(text, again)),
        }
    }
    found
}

fn mounts(object: &Object<'_>, spec: &Node<'_>, volumes: &[Node<'_>], containers: &[Node<'_>], report: &mut Report) {
    let claims = object.root().list(["spec", "volumeClaimTemplates"]);
    let claims = claims.iter().filter_map(|claim| claim.text_at(["metadata", "name"]));
    let known: BTreeSet<&str> = volumes.iter().filter_map(|volume| volume.text_at(["name"])).chain(claims).collect();
    for (list, what) in [("volumeMounts", "mounted"), ("volumeDevices", "used as a device")] {
        for name in containers.iter().filter_map(|it| it.get(list)).flat_map(|list| list.items()) {
            let Some(name) = name.get("name") else { continue };
            let Some(text) = name.text().filter(|text| !known.contains(text)) else { continue };
            let draft = report.at(&POD, &name, format!("the pod has no volume `{text}`"));
            draft.label(format!("{what} here"));
            if let Some(volumes) = spec.get("volumes") {
                draft.also(&volumes, "its volumes");
            }
            let there: Vec<&str> = known.iter().copied().collect();
            match there.as_slice() {
                [] => draft.help("add it to the pod's `volumes`"),
                there => draft.help(format!("there is `{}`", there.join("`, `"))),
            };
        }
    }
}

fn restarts(object: &Object<'_>, spec: &Node<'_>, report: &mut Report) {
    let (allowed, wanted): (&[&str], _) = match (object.group, object.kind) {
        ("batch", "Job" | "CronJob") => (&["Never", "OnFailure"], "`Never` or `OnFailure`"),
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") => (&["Always"], "`Always`"),
        _ => return,
    };
    let policy = spec.get("restartPolicy");
    let policy = policy.filter(|policy| policy.text() != Some(""));
    let said = policy.as_ref().map_or(Some("Always"), Node::text);
    // Another word is none at all, whoever makes the pods.
    let known = ["Always", "Never", "OnFailure"];
    let Some(said) = said.filter(|said| known.contains(said) && !allowed.contains(said)) else { return };
    let place = policy.as_ref().map_or_else(|| spec.place(), Node::place);
    let draft = report.at(&POD, place, format!("the pods of a {} cannot be restarted `{said}`", object.kind));
    if policy.is_none() {
        draft.label("nothing is said, which means `Always`");
    }
    draft.help(format!("set `restartPolicy` to {wanted}"));
}
