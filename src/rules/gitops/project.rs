//! What projects of Argo CD allow their applications.

use super::{applied, is_filled_in};
use crate::check::k8s::Object;
use crate::check::view::repository::plain;
use crate::check::{Node, Report, View, rule};
use crate::finding::suggest;

rule! {
    PROJECT = Error "gitops/project";
    summary: "an application does what its project does not allow, or is of a project that does not exist";
    explanation: "Argo CD refuses to sync the application. A project lists the repositories, the clusters with their namespaces, and the kinds without a namespace that its applications may use; patterns and exclusions count. Judged where the tree has projects; kinds are judged if it is known whether they have a namespace.";
    wrong: "
        --- # project.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: AppProject
        metadata: {name: platform}
        spec:
          sourceRepos: [https://git.example.com/fleet]
          destinations: [{server: https://kubernetes.default.svc, namespace: web}]
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: web}
        spec:
          project: platform
          destination: {server: https://kubernetes.default.svc, namespace: default}
          source: {repoURL: https://git.example.com/fleet, path: web}
    ";
    right: "
        --- # project.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: AppProject
        metadata: {name: platform}
        spec:
          sourceRepos: [https://git.example.com/fleet]
          destinations: [{server: https://kubernetes.default.svc, namespace: 'web*'}]
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: web}
        spec:
          project: platform
          destination: {server: https://kubernetes.default.svc, namespace: web}
          source: {repoURL: https://git.example.com/fleet, path: web}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let projects: Vec<_> = view.objects_of("argoproj.io", "AppProject").collect();
    if projects.is_empty() {
        return;
    }
    let tree = view.repository();
    for application in view.applications() {
        let Some(named) = application.spec.get("project") else { continue };
        let Some(name) = named.text().filter(|name| !is_filled_in(name)) else { continue };
        let Some(project) = projects.iter().find(|project| project.name == Some(name)) else {
            // Argo CD makes this one itself.
            if name != "default" {
                let known = projects.iter().filter_map(|project| project.name);
                let help = suggest::did_you_mean(name, known);
                let draft = report.at(&PROJECT, &named, format!("there is no project `{name}`"));
                draft.help(help.unwrap_or_else(|| "make an AppProject of this name, or name one that there is".into()));
            }
            continue;
        };
        let Some(spec) = project.root().get("spec") else { continue };
        for source in application.sources() {
            repository(&spec, name, &source, report);
        }
        let Some(destination) = application.spec.get("destination") else { continue };
        let namespace = destination.get("namespace");
        if let Some(namespace) = &namespace {
            reach(&spec, name, &destination, namespace, report);
        }
        for source in application.sources() {
            let Some(path) = source.text_at(["path"]).filter(|_| source.get("chart").is_none()) else { continue };
            for object in tree.objects(view, plain(path), applied::recurses(&source)) {
                if let Some(own) = object.root().at(["metadata", "namespace"]) {
                    reach(&spec, name, &destination, &own, report);
                }
                kind(&spec, name, object, report);
            }
        }
    }
}

fn repository(project: &Node<'_>, name: &str, source: &Node<'_>, report: &mut Report) {
    let (Some(allowed), Some(node)) = (project.get("sourceRepos"), source.get("repoURL")) else { return };
    let Some(url) = node.text().filter(|url| !is_filled_in(url)) else { return };
    let patterns: Vec<&str> = allowed.items().iter().filter_map(Node::text).collect();
    let denied = patterns.iter().filter_map(|it| it.strip_prefix('!')).any(|it| matches(plain_url(it), plain_url(url)));
    let granted = patterns.iter().filter(|it| !it.starts_with('!')).any(|it| matches(plain_url(it), plain_url(url)));
    if denied || !granted {
        report
            .at(&PROJECT, &node, format!("the project `{name}` does not allow the repository `{url}`"))
            .label("not among the project's repositories")
            .also(&allowed, "these it allows")
            .help("add it to the project's `sourceRepos`, or use another project");
    }
}

/// Addresses of Git are the same with and without their ending.
fn plain_url(url: &str) -> &str {
    let url = url.trim_end_matches('/');
    url.strip_suffix(".git").unwrap_or(url)
}

fn reach(project: &Node<'_>, name: &str, to: &Node<'_>, namespace: &Node<'_>, report: &mut Report) {
    let (Some(allowed), Some(wanted)) = (project.get("destinations"), namespace.text()) else { return };
    let (server, cluster) = (to.text_at(["server"]), to.text_at(["name"]));
    if is_filled_in(wanted) || server.or(cluster).is_none_or(is_filled_in) {
        return;
    }
    let (mut granted, mut denied) = (false, false);
    for one in allowed.items() {
        let Some(pattern) = one.text_at(["namespace"]) else { continue };
        let is_denial = pattern.starts_with('!');
        if !matches(pattern.strip_prefix('!').unwrap_or(pattern), wanted) {
            continue;
        }
        // A cluster may be named in one place and have its address in the other.
        let same = |key: &str, own: Option<&str>| match (one.text_at([key]), own) {
            (Some(pattern), Some(own)) => Some(matches(pattern, own)),
            _ => None,
        };
        let is_there = same("server", server).or_else(|| same("name", cluster)).unwrap_or(true);
        denied |= is_there && is_denial;
        granted |= is_there && !is_denial;
    }
    if denied || !granted {
        report
            .at(&PROJECT, namespace, format!("the project `{name}` does not allow the namespace `{wanted}`"))
            .about(namespace.text().unwrap_or_default(), wanted)
            .label("not among the project's destinations")
            .also(&allowed, "these it allows")
            .help("add it to the project's `destinations`, or use another namespace");
    }
}

fn kind(project: &Node<'_>, name: &str, object: &Object<'_>, report: &mut Report) {
    let (allow, deny) = if object.namespace.is_some() {
        ("namespaceResourceWhitelist", "namespaceResourceBlacklist")
    } else if object.is_cluster_wide() {
        ("clusterResourceWhitelist", "clusterResourceBlacklist")
    } else {
        return;
    };
    let has = |list: &Node<'_>| {
        list.items().iter().any(|it| {
            let is = |key: &str, own: &str| it.text_at([key]).is_some_and(|pattern| matches(pattern, own));
            is("group", object.group) && is("kind", object.kind)
        })
    };
    // Without a list all kinds with a namespace are allowed, and none without one.
    let granted = project.get(allow).map_or(object.namespace.is_some(), |list| has(&list));
    let denied = project.get(deny).is_some_and(|list| has(&list));
    if denied || !granted {
        let place = object.root().get("kind").unwrap_or_else(|| object.root());
        let (verb, list) = if denied { ("take it out of", deny) } else { ("add it to", allow) };
        report
            .at(&PROJECT, &place, format!("the project `{name}` does not allow the kind `{}`", object.kind))
            .help(format!("{verb} the project's `{list}`"));
    }
}

/// Whether a text fits a pattern, in which `*` stands for anything. What other wildcards mean is not judged: they fit.
fn matches(pattern: &str, text: &str) -> bool {
    if pattern.bytes().any(|byte| matches!(byte, b'?' | b'[' | b'{')) {
        return true;
    }
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text) in [("*", ""), ("web", "web"), ("web-*", "web-a"), ("*.git", "a.git"), ("a*b*c", "a-b-b-c")]
        {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("web", "web2"), ("web-*", "web"), ("a*b*c", "a-c-b"), ("*aa", "a")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
