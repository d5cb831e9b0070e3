//! From the texts of templates to manifests, as Helm splits and sorts them: documents by their kinds in the order of
//! installing, hooks beside them.

use std::sync::Arc;

use camino::Utf8Path;

use super::tree::{Bounds, Node, Number, Problem, Read, Tree, read};

/// A manifest, as its text stands there.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The template with the charts around it: `web/templates/deployment.yaml`.
    pub source: Arc<str>,
    pub text: String,
    /// Where it begins in what the template made, in bytes.
    pub start: usize,
    pub kind: String,
    pub name: String,
    pub read: Read,
    pub hook: Option<Hook>,
}

/// When a hook runs, and what becomes of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hook {
    /// `pre-install`, `test` …
    pub events: Vec<String>,
    pub weight: i64,
    pub delete: Vec<String>,
}

/// Everything that a chart makes.
#[derive(Clone, Debug, Default)]
pub struct Manifests {
    /// In the order of installing.
    pub objects: Vec<Manifest>,
    pub hooks: Vec<Manifest>,
    /// Hooks of which Helm knows no event: nobody applies them.
    pub lost: Vec<Manifest>,
}

/// A text that is no YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub source: Arc<str>,
    /// In what the template made, in bytes.
    pub at: usize,
    pub why: &'static str,
}

const EVENTS: [&str; 10] = [
    "pre-install",
    "post-install",
    "pre-delete",
    "post-delete",
    "pre-upgrade",
    "post-upgrade",
    "pre-rollback",
    "post-rollback",
    "test",
    "test-success",
];

/// Helm's order of installing; what is not among them comes last, by its name.
const ORDER: [&str; 36] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
];

/// Splits and sorts what templates made, in the order of their names. Notes are none of it.
pub fn manifests<'t>(texts: impl IntoIterator<Item = (&'t Arc<str>, &'t str)>) -> Result<Manifests, Broken> {
    let mut found = Manifests::default();
    for (source, text) in texts {
        if is_notes(source) || is_partial(source) || text.trim().is_empty() {
            continue;
        }
        for (start, document) in documents(text) {
            let read = read(document, Bounds::default());
            let read = read.map_err(|problem| broken(source, start, &problem))?;
            found.add(source, start, document, read)?;
        }
    }
    found.objects.sort_by(|a, b| rank(&a.kind).cmp(&rank(&b.kind)));
    found.hooks.sort_by(|a, b| rank(&a.kind).cmp(&rank(&b.kind)));
    Ok(found)
}

fn broken(source: &Arc<str>, start: usize, problem: &Problem) -> Broken {
    Broken { source: Arc::clone(source), at: start + problem.at as usize, why: problem.why }
}

impl Manifests {
    fn add(&mut self, source: &Arc<str>, start: usize, document: &str, read: Read) -> Result<(), Broken> {
        let no_map = Broken { source: Arc::clone(source), at: start, why: "it is no map" };
        if !matches!(read.tree.node, Node::Map(_) | Node::Null) {
            return Err(no_map);
        }
        let text = |tree: Option<&Tree>| match tree {
            Some(Tree { node: Node::Text(text), .. }) => text.to_string(),
            Some(Tree { node: Node::Bool(it), .. }) => it.to_string(),
            Some(Tree { node: Node::Number(Number::Int(number)), .. }) => number.to_string(),
            _ => String::new(),
        };
        let annotation = |key: &str| {
            let value = read.tree.along(["metadata", "annotations", key]);
            value.is_some().then(|| text(value))
        };
        let hook = annotation("helm.sh/hook").map(|events| Hook {
            events: parts(&events),
            weight: annotation("helm.sh/hook-weight").and_then(|weight| weight.parse().ok()).unwrap_or(0),
            delete: annotation("helm.sh/hook-delete-policy").map(|policies| parts(&policies)).unwrap_or_default(),
        });
        let is_lost =
            hook.as_ref().is_some_and(|hook| hook.events.iter().any(|event| !EVENTS.contains(&event.as_str())));
        let manifest = Manifest {
            source: Arc::clone(source),
            text: document.to_owned(),
            start,
            kind: text(read.tree.get("kind")),
            name: text(read.tree.along(["metadata", "name"])),
            read,
            hook,
        };
        match &manifest.hook {
            None => self.objects.push(manifest),
            Some(_) if is_lost => self.lost.push(manifest),
            Some(_) => self.hooks.push(manifest),
        }
        Ok(())
    }
}

fn parts(list: &str) -> Vec<String> {
    list.split(',').map(|part| part.trim().to_lowercase()).collect()
}

fn is_notes(source: &str) -> bool {
    source.ends_with("NOTES.txt")
}

fn is_partial(source: &str) -> bool {
    Utf8Path::new(source).file_name().is_some_and(|name| name.starts_with('_'))
}

/// Where a kind comes, then its name, for those that come last.
fn rank(kind: &str) -> (usize, &str) {
    match ORDER.iter().position(|known| *known == kind) {
        Some(at) => (at, ""),
        None => (ORDER.len(), kind),
    }
}

/// The documents of a text, each without the blanks around it, with the place where it begins. A document ends before a
/// line that begins with `---`, whatever follows; of two such lines without anything between, the second belongs to what
/// follows, as for Helm.
pub fn documents(text: &str) -> Vec<(usize, &str)> {
    let whole = text.trim();
    let offset = text.len() - text.trim_start().len();
    let bytes = whole.as_bytes();
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c);
    let mut found = Vec::new();
    let mut push = |from: usize, to: usize| {
        let part = whole.get(from..to).unwrap_or_default();
        if !part.is_empty() {
            found.push((offset + from + (part.len() - part.trim_start().len()), part.trim()));
        }
    };
    let (mut start, mut at) = (0, 0);
    while let Some(mark) = whole.get(at..).and_then(|rest| rest.find("---")).map(|found| at + found) {
        if mark == 0 || (mark > start && bytes[mark - 1] == b'\n') {
            let before = bytes[start..mark].iter().rev().take_while(|byte| is_blank(byte)).count();
            push(start, mark - before);
            start = mark + 3 + bytes[mark + 3..].iter().take_while(|byte| is_blank(byte)).count();
            at = start;
        } else {
            at = mark + 1;
        }
    }
    push(start, whole.len());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_end_where_helm_ends_them() {
        let texts = |text| documents(text).into_iter().map(|(_, text)| text).collect::<Vec<_>>();
        assert_eq!(texts("---\na: 1\n---\nb: 2\n"), ["a: 1", "b: 2"]);
        assert_eq!(texts("a: 1\n---   \n\n---\n"), ["a: 1", "---"]);
        assert_eq!(texts("a: |\n  x\n  ---\n"), ["a: |\n  x\n  ---"]);
        assert_eq!(texts("--- a: 1\n----\n"), ["a: 1", "-"]);
        assert_eq!(documents("\n\n a: 1\n---\nb: 2")[1].0, 12);
    }

    #[test]
    fn objects_are_sorted_by_kind_and_hooks_stand_apart() {
        let source: Arc<str> = "web/templates/a.yaml".into();
        let text = "kind: Zebra\n---\nkind: Service\n---\nkind: Apple\n---\nkind: Job\nmetadata:\n  annotations:\n    helm.sh/hook: post-install, test\n    helm.sh/hook-weight: \"-5\"\n---\nkind: Secret\n---\nkind: Job\nmetadata: {annotations: {helm.sh/hook: crd-install}}\n";
        let found = manifests([(&source, text)]).unwrap();
        let kinds = |list: &[Manifest]| list.iter().map(|it| it.kind.clone()).collect::<Vec<_>>();
        assert_eq!(kinds(&found.objects), ["Secret", "Service", "Apple", "Zebra"]);
        assert_eq!(found.hooks[0].hook.as_ref().unwrap().weight, -5);
        assert_eq!((found.hooks[0].hook.as_ref().unwrap().events.len(), found.lost.len()), (2, 1));
        let broken = manifests([(&source, "a: 1\n---\nb: c: d\n")]).unwrap_err();
        assert_eq!((broken.why, broken.at > 8), ("it is no YAML that Helm could read", true));
    }
}
