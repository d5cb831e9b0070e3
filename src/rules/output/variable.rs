//! `${…}` that nothing replaces: in fields that Kubernetes takes as they are, and where Flux knows no such variable.

use std::collections::{BTreeMap, BTreeSet};

use super::foreign_setting::has_setting;
use super::placeholder::PLACEHOLDER;
use crate::check::k8s::Object;
use crate::check::{Node, Report, Signs, View};
use crate::environment::Tree;
use crate::rules::gitops::applied::{Applied, applied};

/// Groups whose objects are taken as they are. Of others, nobody knows what `${…}` means to their controllers.
const PLAIN: [&str; 12] = [
    "",
    "apps",
    "autoscaling",
    "batch",
    "cert-manager.io",
    "elbv2.k8s.aws",
    "gateway.networking.k8s.io",
    "karpenter.sh",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
];

/// What a program in the pod, or on the node, may replace itself.
const TEXTS: [&str; 8] = ["annotations", "args", "binaryData", "command", "data", "env", "stringData", "userData"];

/// Fields in which a part of the text is as wrong as all of it.
const NAMES: [&str; 7] = ["host", "hostname", "image", "name", "namespace", "secretName", "storageClassName"];

/// What Flux replaces in an object before it applies it.
enum Given<'a> {
    /// Variables of objects that only the cluster has.
    Unknown,
    These {
        names: BTreeSet<&'a str>,
        by: Node<'a>,
    },
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut found = Vec::new();
    for object in view.objects() {
        let metadata = object.root().get("metadata").filter(|_| !object.group.ends_with(".toolkit.fluxcd.io"));
        let judged = if is_plain(object) { Some(object.root()) } else { metadata };
        for (node, text) in judged.iter().flat_map(|judged| judged.texts_with(Signs::of(b"${}"))) {
            let is_name = node.nearest_key().is_some_and(|key| NAMES.contains(&key) || key == "hostnames");
            let variable = variable(text).filter(|variable| is_name || variable.len() == text.len());
            let variable = variable.filter(|_| !judged.is_some_and(|judged| is_of_program(&node, &judged)));
            found.extend(variable.map(|variable| (object, node, variable)));
        }
    }
    if found.is_empty() {
        return;
    }
    let applied = applied(view);
    let given = given(&applied);
    for (object, node, variable) in found {
        let help = help(variable, view.environment_root());
        judge(object, &node, (variable, help), given.get(object.document.path.as_str()), report);
    }
}

fn is_plain(object: &Object<'_>) -> bool {
    PLAIN.contains(&object.group) && object.name.is_some()
}

/// Whether a text below another value stands under a key whose texts programs may replace.
fn is_of_program(text: &Node<'_>, judged: &Node<'_>) -> bool {
    let up = std::iter::once(*text).chain(text.around());
    up.take_while(|it| !it.is_at(judged)).any(|it| it.key().is_some_and(|key| TEXTS.contains(&key)))
}

/// The first `${NAME}` in a text of one line, with what may follow the name.
fn variable(text: &str) -> Option<&str> {
    let start = text.find("${").filter(|_| !text.contains('\n'))?;
    let end = start + text.get(start..)?.find('}')?;
    let name = name(text.get(start..=end)?);
    let is_name = name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
    // What the drivers of volumes replace in the parameters of a class.
    let is_of_volume =
        ["pv.", "pvc.", "volumesnapshot.", "volumesnapshotcontent."].iter().any(|it| name.starts_with(it));
    // `$${NAME}` is how both Flux and shells write it so that it stays.
    let is_escaped = start > 0 && text.as_bytes().get(start - 1) == Some(&b'$');
    (is_name && !is_of_volume && !is_escaped).then(|| text.get(start..=end)).flatten()
}

/// `NAME` of `${NAME:=default}`.
fn name(variable: &str) -> &str {
    let inner = variable.trim_start_matches("${").trim_end_matches('}');
    inner.split([':', '-', '=', '?', '+', '/', '#', '%']).next().unwrap_or(inner)
}

/// What Flux gives to the objects of folders that it substitutes variables in, by their files.
fn given<'a>(applied: &[Applied<'_, 'a>]) -> BTreeMap<&'a str, Given<'a>> {
    let mut given = BTreeMap::new();
    for applied in applied {
        let Some(post) = applied.by.spec.get("postBuild") else { continue };
        let is_from = post.get("substituteFrom").is_some_and(|from| !from.items().is_empty());
        let own = post.get("substitute");
        for object in &applied.objects {
            let path = object.document.path.as_str();
            let known = match &own {
                Some(own) if !is_from && !given.contains_key(path) => {
                    let names = own.entries().into_iter().map(|(name, _)| name).collect();
                    Given::These { names, by: *own }
                }
                None if !is_from => continue,
                _ => Given::Unknown,
            };
            given.insert(path, known);
        }
    }
    given
}

/// What to write where nothing replaces a variable: the setting, if there is one of that name.
fn help(variable: &str, root: Option<&Tree>) -> String {
    let name = name(variable);
    if root.is_some_and(|root| has_setting(root, name)) {
        return format!("did you mean `{{{{ {name} }}}}`?");
    }
    // Flux knows no name with a point.
    if name.contains('.') {
        return "set the value; in a template, a setting is written as in `{{ replicas.max }}`".to_owned();
    }
    "set the value, or apply the object by a Kustomization of Flux with `postBuild.substitute`".to_owned()
}

fn judge(
    object: &Object<'_>,
    node: &Node<'_>,
    (variable, help): (&str, String),
    given: Option<&Given<'_>>,
    report: &mut Report,
) {
    let is_kept = ["annotations", "labels"].iter().any(|at| {
        object.root().text_at(["metadata", at, "kustomize.toolkit.fluxcd.io/substitute"]) == Some("disabled")
    });
    match given.filter(|_| !is_kept) {
        Some(Given::Unknown) => {}
        // A default, or what else may follow a name, needs no value.
        Some(Given::These { names, .. })
            if names.contains(name(variable)) || variable.len() > name(variable).len() + 3 => {}
        Some(Given::These { by, .. }) if !name(variable).contains('.') => {
            report
                .at(&PLACEHOLDER, node, format!("`{variable}` is given no value"))
                .about(node.text().unwrap_or_default(), variable)
                .label("Flux puts nothing in its place")
                .also(by, "these variables are given")
                .help(format!("give `{}` a value there", name(variable)));
        }
        _ => {
            report
                .at(&PLACEHOLDER, node, format!("`{variable}` was to be replaced"))
                .about(node.text().unwrap_or_default(), variable)
                .label("nothing replaces it: Kubernetes takes it as it is")
                .help(help);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{name, variable};

    #[test]
    fn variables() {
        for (text, wanted) in [
            ("${HOST}", Some("${HOST}")),
            ("app.${domain}", Some("${domain}")),
            ("${HOST:=localhost}", Some("${HOST:=localhost}")),
            ("$${HOST}", None),
            ("$(HOST)", None),
            ("${var.max}", Some("${var.max}")),
            ("web:${var.tag}", Some("${var.tag}")),
            ("${pvc.name}", None),
            ("${1}", None),
            ("${host-header}", Some("${host-header}")),
            ("${a b}", None),
            ("a\n${HOST}", None),
        ] {
            assert_eq!(variable(text), wanted, "{text}");
        }
        assert_eq!(name("${HOST:=localhost}"), "HOST");
    }
}
