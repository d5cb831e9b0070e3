//! Generators of a `ConfigMap` or a Secret that Kustomize refuses.

use std::collections::BTreeMap;

use super::KUSTOMIZATION;
use crate::check::view::repository::is_filled_in;
use crate::check::{Kustomization, Node, Report};
use crate::value::Value;

pub(super) fn check(own: &Kustomization<'_>, report: &mut Report) {
    for kind in ["ConfigMap", "Secret"] {
        for generator in own.generators(kind) {
            if !matches!(generator.value, Value::Map(_)) {
                continue;
            }
            if generator.get("name").is_none() {
                let draft = report.at(&KUSTOMIZATION, generator, format!("this `{kind}` has no name"));
                draft.label("Kustomize refuses it").help("add `name`");
            }
            literals(&generator, report);
            files(&generator, report);
        }
    }
}

fn literals(generator: &Node<'_>, report: &mut Report) {
    let mut first: BTreeMap<&str, Node<'_>> = BTreeMap::new();
    for node in generator.list(["literals"]) {
        let Some(text) = node.text().filter(|text| !text.starts_with("{{") && !text.starts_with("${")) else {
            continue;
        };
        let (key, is_pair) = text.split_once('=').map_or((text, false), |(key, _)| (key, true));
        if !is_pair || key.is_empty() {
            let draft = report.at(&KUSTOMIZATION, node, format!("the literal `{text}` is not of the form `key=value`"));
            draft.label("Kustomize refuses it").help(match text.split_once(':') {
                Some((key, value)) if !is_pair && !key.is_empty() => format!("write `{}={}`", key.trim(), value.trim()),
                _ => "write `- KEY=value`".to_owned(),
            });
        } else if let Some(before) = first.get(key).filter(|_| !is_filled_in(key)) {
            let draft = report.at(&KUSTOMIZATION, node, format!("the key `{key}` is set twice"));
            draft.label("Kustomize refuses it").also(before, "the first time").help("remove one of the two");
        } else {
            first.insert(key, node);
        }
    }
}

fn files(generator: &Node<'_>, report: &mut Report) {
    for node in generator.list(["files"]) {
        let Some(text) = node.text().filter(|text| !is_filled_in(text)) else { continue };
        if text.matches('=').count() > 1 || text.starts_with('=') {
            let draft = report.at(&KUSTOMIZATION, node, format!("`{text}` is not of the form `key=file`"));
            draft.label("Kustomize refuses it").help("write `- FILE`, or `- KEY=FILE` with one `=`");
        }
    }
}
