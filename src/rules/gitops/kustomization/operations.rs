//! Patches that are lists of operations: JSON patches.

use super::KUSTOMIZATION;
use super::patch::{Part, Patch};
use crate::check::Report;
use crate::check::k8s::Object;
use crate::finding::suggest::did_you_mean;
use crate::rules::gitops::taken::{Taken, plain};
use crate::rules::schemas;
use crate::value::Value;

/// RFC 6902, section 4.
const WORDS: [&str; 6] = ["add", "remove", "replace", "move", "copy", "test"];

/// Maps that `add` makes where they are missing.
const MADE: [&str; 2] = ["/metadata/annotations/", "/metadata/labels/"];

/// `alone`: whether nothing else changes the objects before.
pub(super) fn check(patch: &Patch<'_>, taken: Option<&Taken<'_, '_>>, alone: bool, report: &mut Report) {
    for part in patch.parts() {
        let Some(items) = part.items().filter(|items| !items.is_empty()) else { continue };
        if patch.is_misspelt() {
            continue;
        }
        if patch.target.is_none() {
            let message = "a list of operations needs a `target`".to_owned();
            let draft = report.at(&KUSTOMIZATION, patch.node, message).label("Kustomize refuses this patch");
            draft.help("say what it changes, beside `patch`: `target: {kind: Deployment, name: …}`");
            continue;
        }
        let targets = taken.and_then(|taken| targets(patch, taken)).unwrap_or_default();
        if taken.is_some() && targets.is_empty() {
            continue;
        }
        let mut before: Vec<&str> = Vec::new();
        for item in items.iter().filter(|item| item.is_map()) {
            let Some(path) = operation(item, report) else { break };
            let is_free = before.iter().all(|it| !touches(it, path));
            for target in &targets {
                if is_unknown(item, path, target, report) {
                    break;
                }
                if alone && is_free && is_missing(item, path, target, report) {
                    break;
                }
            }
            before.push(path);
        }
    }
}

/// The path of an operation that Kustomize takes; none, and a finding, of one that it does not.
fn operation<'p, 'a: 'p>(item: &Part<'p, 'a>, report: &mut Report) -> Option<&'p str> {
    let (op, path) = (item.get("op"), item.get("path"));
    let Some(op) = op else {
        let draft = item.tell(&KUSTOMIZATION, "this operation has no `op`".to_owned(), report);
        draft.label("Kustomize refuses this patch").help(words());
        return None;
    };
    let word = op.text()?;
    if !WORDS.contains(&word) {
        let draft = op.tell(&KUSTOMIZATION, format!("`op` cannot be `{word}`"), report);
        draft.label("Kustomize refuses this patch").help(did_you_mean(word, WORDS).unwrap_or_else(words));
        return None;
    }
    let missing = match word {
        _ if path.is_none() => Some("path"),
        "move" | "copy" if item.get("from").is_none() => Some("from"),
        _ => None,
    };
    if let Some(key) = missing {
        let draft = item.tell(&KUSTOMIZATION, format!("this operation has no `{key}`"), report);
        draft.label("Kustomize refuses this patch").help(format!("add `{key}`, such as `/spec/replicas`"));
        return None;
    }
    let path = path?;
    let text = path.text()?;
    if text.starts_with('/') {
        return Some(text);
    }
    let written = format!("/{}", text.trim_start_matches('.').replace('.', "/"));
    let draft = path.tell(&KUSTOMIZATION, format!("the path `{text}` does not begin with `/`"), report);
    draft.label("it leads to no field").help(format!("write `{written}`"));
    None
}

fn words() -> String {
    format!("write one of `{}`", WORDS.join("`, `"))
}

/// The objects that a patch changes, if that is told by kind, name and namespace alone.
fn targets<'v, 'a>(patch: &Patch<'a>, taken: &'v Taken<'v, 'a>) -> Option<Vec<&'v Object<'a>>> {
    let target = patch.target.as_ref()?;
    if taken.renames()
        || target.entries().iter().any(|(key, _)| !["group", "version", "kind", "name", "namespace"].contains(key))
    {
        return None;
    }
    let is_told = |key| target.get(key).is_none() || plain(target, key).is_some();
    if !["group", "version", "kind", "name", "namespace"].into_iter().all(is_told) {
        return None;
    }
    let is_it = |key: &str, own: &str| plain(target, key).is_none_or(|(_, wanted)| wanted == own);
    let fits = |it: &&&Object<'a>| {
        is_it("group", it.group)
            && is_it("version", it.version)
            && is_it("kind", it.kind)
            && is_it("name", it.name.unwrap_or_default())
            && is_it("namespace", it.namespace.unwrap_or_default())
    };
    Some(taken.objects.iter().filter(fits).copied().collect())
}

/// Whether an operation on one path may have changed what is found at another.
fn touches(before: &str, path: &str) -> bool {
    // Where an item is added, those behind it move.
    let around = before.rsplit_once('/').map_or("", |(around, _)| around);
    path.starts_with(around) || before.starts_with(path)
}

/// Says if a path has a step that is nearly a field of the kind.
fn is_unknown(item: &Part<'_, '_>, path: &str, target: &Object<'_>, report: &mut Report) -> bool {
    let steps: Vec<String> = steps(path).collect();
    let Some((at, near)) = schemas::misspelt_step(target, &steps) else { return false };
    let Some(place) = item.get("path") else { return false };
    let wrong = &steps[at];
    let mut right = steps.clone();
    near.clone_into(&mut right[at]);
    let message = format!("the path `{path}` leads to no field: a `{}` has no `{wrong}` there", target.kind);
    let draft = place.tell(&KUSTOMIZATION, message, report);
    draft.label("what is deployed gets a field that nobody reads, or nothing");
    draft.also(target.name_node(), "what it changes");
    draft.help(format!("did you mean `/{}`?", right.join("/")));
    true
}

/// Says if an operation needs what the object does not have.
fn is_missing(item: &Part<'_, '_>, path: &str, target: &Object<'_>, report: &mut Report) -> bool {
    let Some(word) = item.text_at(["op"]) else { return false };
    let steps: Vec<String> = steps(path).collect();
    let Some((last, above)) = steps.split_last() else { return false };
    if word == "add" && MADE.iter().any(|made| path.starts_with(made)) || matches!(word, "move" | "copy" | "test") {
        return false;
    }
    let mut at = target.root().value;
    for (position, step) in above.iter().enumerate() {
        match below(at, step) {
            Some(value) => at = value,
            None => return tell_missing(item, &steps[..=position], word, target, report),
        }
    }
    let is_there = match (at, word) {
        (Value::List(items), "add") => last == "-" || last.parse::<usize>().is_ok_and(|at| at <= items.len()),
        (Value::Map(_), "add" | "replace") => true,
        _ => below(at, last).is_some(),
    };
    !is_there && tell_missing(item, &steps, word, target, report)
}

fn tell_missing(item: &Part<'_, '_>, steps: &[String], word: &str, target: &Object<'_>, report: &mut Report) -> bool {
    let Some(place) = item.get("path") else { return false };
    let name = target.name.unwrap_or_default();
    let message = format!("the {} `{name}` has no `/{}`", target.kind, steps.join("/"));
    let draft = place.tell(&KUSTOMIZATION, message, report).label("Kustomize refuses this patch");
    draft.also(target.name_node(), "what it changes");
    draft.help(match word {
        "remove" => "take the operation out, or name what is there".to_owned(),
        _ => format!("add `/{}` first, or change the template that makes it", steps.join("/")),
    });
    true
}

fn below<'v>(value: &'v Value, step: &str) -> Option<&'v Value> {
    match value {
        Value::Map(entries) => entries.iter().find(|(key, _)| &**key == step).map(|(_, value)| value),
        Value::List(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    }
}

/// The steps of a JSON pointer.
fn steps(path: &str) -> impl Iterator<Item = String> {
    path.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"))
}
