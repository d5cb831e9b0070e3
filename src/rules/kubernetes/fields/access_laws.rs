//! What has to hold among the fields of roles, webhooks and admission policies, and takes more than a row.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::laws::exclude;
use super::spot::{get, is_written};
use super::{FIELDS, VALUE};
use crate::check::{Node, Report};
use crate::rules::kubernetes::words::{is_dns_label, is_qualified, is_subdomain};

/// A rule is about resources of groups, or about paths of the API server.
pub(super) fn resources_or_urls(rule: &Node<'_>, report: &mut Report) {
    let list = |key: &str| get(rule, key).filter(|list| !list.items().is_empty());
    if let Some(urls) = list("nonResourceURLs") {
        if let Some(other) = ["apiGroups", "resources", "resourceNames"].into_iter().find_map(list) {
            let key = format!("`{}`", other.key().unwrap_or_default());
            exclude("`nonResourceURLs`", &urls, &key, &other, report);
        }
        return;
    }
    for key in ["apiGroups", "resources"] {
        if list(key).is_none() {
            let place = rule.place().key(key);
            let draft = report.at(&FIELDS, place, format!("a rule about resources needs `{key}`"));
            draft.help(match key {
                "apiGroups" => "add `apiGroups`; Kubernetes' first group is `\"\"`",
                _ => "add `resources`",
            });
        }
    }
}

/// Accounts are of Kubernetes' first group, users and groups of its authorization.
pub(super) fn subject(subject: &Node<'_>, report: &mut Report) {
    const GROUP: &str = "rbac.authorization.k8s.io";
    let group = get(subject, "apiGroup");
    let Some(text) = group.as_ref().map_or(Some(""), Node::text).filter(|text| is_written(text)) else { return };
    match subject.text_at(["kind"]) {
        Some("ServiceAccount") => {
            if let Some(group) = group {
                report.at(&FIELDS, &group, "an account has no `apiGroup`").about_key().help("leave `apiGroup` out");
            }
            if let Some(name) = get(subject, "name")
                && name.text().is_some_and(|text| is_written(text) && !is_subdomain(text))
            {
                let text = name.text().unwrap_or_default();
                report
                    .at(&VALUE, &name, format!("`{text}` cannot be the name of an account"))
                    .label("only lower-case letters, digits, `-` and `.`");
            }
        }
        // Left out it is filled in.
        Some("User" | "Group") if !text.is_empty() && text != GROUP => {
            let place = group.unwrap_or(*subject);
            report
                .at(&VALUE, &place, format!("`apiGroup` must be `{GROUP}`"))
                .label("users and groups are of this group");
        }
        _ => {}
    }
}

/// One of the versions that the API server can ask in.
pub(super) fn recognized(hook: &Node<'_>, report: &mut Report) {
    let Some(versions) = get(hook, "admissionReviewVersions").filter(|it| !it.items().is_empty()) else { return };
    if !versions
        .items()
        .iter()
        .any(|it| it.text().is_none_or(|text| matches!(text, "v1" | "v1beta1") || !is_written(text)))
    {
        report.at(&FIELDS, &versions, "the API server can ask in none of these versions").help("add `v1`");
    }
}

/// An address that is asked by TLS, and says nothing but host and path.
pub(super) fn url(client: &Node<'_>, report: &mut Report) {
    let Some(url) = get(client, "url") else { return };
    let Some(text) = url.text().filter(|text| is_written(text)) else { return };
    let rest = text.split_once("://").filter(|(scheme, _)| scheme.eq_ignore_ascii_case("https")).map(|(_, rest)| rest);
    let host = rest.map(|rest| rest.split('/').next().unwrap_or_default());
    let why = match (rest, host) {
        (None, _) => "it begins with `https://`",
        (_, Some("")) => "it lacks a host",
        (_, Some(host)) if host.contains('@') => "it holds a user",
        (Some(rest), _) if rest.contains(['?', '#']) => "it has nothing after the path",
        (_, Some(host)) if host.contains(' ') => "it has no space",
        _ => return,
    };
    report.at(&VALUE, &url, format!("`{text}` cannot be the address of a webhook")).label(why);
}

/// Who takes all takes no one besides.
pub(super) fn stars(rule: &Node<'_>, report: &mut Report) {
    for key in ["operations", "apiGroups", "apiVersions"] {
        let items = rule.list([key]);
        if let (Some(star), true) = (items.iter().find(|item| item.text() == Some("*")), items.len() > 1) {
            report
                .at(&FIELDS, star, format!("`*` stands for all `{key}`, and the others beside it are refused"))
                .help("keep `*`, or name the others");
        }
        let empty = items.iter().find(|item| item.text() == Some(""));
        if let (Some(empty), "apiVersions") = (empty, key) {
            report.at(&VALUE, empty, "an empty version is none").help("write `*` for all");
        }
    }
    let resources = rule.list(["resources"]);
    let has = |wanted: &str| resources.iter().find(|item| item.text() == Some(wanted));
    let plain = resources.iter().rfind(|item| item.text().is_some_and(|text| !text.contains('/')));
    if let Some(empty) = has("") {
        report.at(&VALUE, empty, "an empty resource is none").help("write `*` for all");
    }
    if let (Some(star), true) = (has("*/*"), resources.len() > 1) {
        report.at(&FIELDS, star, "`*/*` stands for all `resources`").help("keep `*/*`, or name the others");
    }
    if let (Some(star), Some(plain)) = (has("*"), plain)
        && plain.text() != Some("*")
    {
        report
            .at(&FIELDS, star, "`*` stands for all `resources` without a part")
            .also(plain, "this one among them")
            .help("keep `*`, or name the others");
    }
    for (at, resource) in resources.iter().enumerate() {
        let Some((name, part)) = resource.text().and_then(|text| text.split_once('/')) else { continue };
        let wider = resources[..at].iter().find(|other| {
            other.text().is_some_and(|other| other == format!("{name}/*") || other == format!("*/{part}"))
        });
        if let Some(wider) = wider {
            report
                .at(&FIELDS, resource, format!("`{}` stands for this one, too", wider.text().unwrap_or_default()))
                .also(wider, "takes in all of them")
                .help("keep one of them");
        }
    }
}

/// A policy that says nothing.
pub(super) fn judges_something(spec: &Node<'_>, report: &mut Report) {
    if spec.list(["validations"]).is_empty() && spec.list(["auditAnnotations"]).is_empty() {
        report.at(&FIELDS, spec, "a policy needs `validations` or `auditAnnotations`").help("add one of them");
    }
}

/// A message is a line.
pub(super) fn one_line(validation: &Node<'_>, report: &mut Report) {
    for key in ["message", "messageExpression", "expression"] {
        let Some(message) = get(validation, key) else { continue };
        let Some(text) = message.text() else { continue };
        if text.trim().is_empty() {
            report
                .at(&VALUE, &message, format!("`{key}` has nothing but space"))
                .help(format!("write it, or leave `{key}` out"));
        } else if key == "message" && text.trim().contains(['\n', '\r']) {
            report.at(&VALUE, &message, "a message is one line").help("put it on one line");
        }
    }
}

/// Of at least three parts.
pub(super) fn is_hook(name: &str) -> bool {
    is_subdomain(name) && name.split('.').count() > 2
}

pub(super) fn is_review(version: &str) -> bool {
    is_dns_label(version) && version.starts_with(|letter: char| letter.is_ascii_lowercase())
}

pub(super) fn is_expression_name(name: &str) -> bool {
    is_qualified(name)
}

pub(super) fn is_path(path: &str) -> bool {
    let Some(steps) = path.strip_prefix('/') else { return false };
    steps.is_empty() || steps.strip_suffix('/').unwrap_or(steps).split('/').all(is_subdomain)
}

/// A group and a version.
pub(super) fn is_api(api: &str) -> bool {
    let (group, version) = api.split_once('/').map_or((None, api), |(group, version)| (Some(group), version));
    group.is_none_or(is_subdomain) && is_review(version)
}

pub(super) fn is_bytes(text: &str) -> bool {
    let bytes: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    STANDARD.decode(bytes).is_ok()
}

pub(super) fn is_kind(kind: &str) -> bool {
    is_review(&kind.to_lowercase())
}

/// A name in CEL.
pub(super) fn is_identifier(name: &str) -> bool {
    let is_fit = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    !name.starts_with(|letter: char| letter.is_ascii_digit()) && name.chars().all(is_fit)
}
