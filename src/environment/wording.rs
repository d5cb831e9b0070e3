//! What findings of layers and merging say.

use std::sync::Arc;

use camino::Utf8Path;
use indexmap::IndexMap;

use super::elsewhere::way;
use super::layer::{Absent, Extends, Layer};
use super::patch::{Collection, Kind, Patch};
use super::place::Place;
use super::{Content, Origin, Tree};
use crate::disk::ReadError;
use crate::disk::text::unreadable;
use crate::finding::{Finding, codes, suggest};
use crate::source::{Sources, Span};
use crate::yaml::{Content as Written, Entry, Node, Tag};

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Map => "a map",
            Self::List => "a list",
            Self::Scalar => "a single value",
        })
    }
}

pub(super) fn type_change((below, old): (Origin, Kind), (above, new): (Origin, Kind), at: &Place<'_>) -> Finding {
    let help = match (old, new) {
        (Kind::Map, _) => "set keys of the map, indented below it; `null` deletes it",
        (Kind::List, Kind::Map) => {
            "write each item behind a `- `, as in `- name: …`; where the schema allows a map, `$patch: replace` in it says that the change is meant"
        }
        (_, Kind::Map) => "check the indentation; `$patch: replace` in the map says that the change is meant",
        (Kind::List, _) => "write each item behind a `- `; `null` deletes the list",
        (_, _) => "a layer can change a value, but not what kind of value it is",
    };
    Finding::new(&codes::merge::TYPE_CHANGE, above.mark(new), format!("`{at}` changes from {old} to {new}"))
        .label(format!("{new} here"))
        .also(below.mark(old), format!("{old} here"))
        .help(help)
}

/// Names the keys of the map that is there already, for who wrote a value in its place.
pub(super) fn with_keys(finding: Finding, below: &Tree) -> Finding {
    const NAMED: usize = 4;
    let Some(entries) = below.as_map().filter(|entries| !entries.is_empty()) else { return finding };
    let keys: Vec<_> = entries.keys().take(NAMED).map(|key| format!("`{key}`")).collect();
    let more = if entries.len() > NAMED { " …" } else { "" };
    let keys = keys.join(", ");
    finding.help(format!("set keys of the map, indented below it: {keys}{more}; to remove all of it, write `null`"))
}

pub(super) fn delete_nothing(origin: Origin, at: &Place<'_>, help: Option<String>) -> Finding {
    let message = format!("`{at}` is deleted, but no layer below sets it");
    let finding = Finding::new(&codes::merge::DELETE_NOTHING, origin.key.unwrap_or(origin.value), message)
        .label("this deletes nothing");
    finding.help(help.unwrap_or_else(|| "remove it".to_owned()))
}

/// In a larger map it takes too long to look for the name that was meant.
const SEARCHED: usize = 1000;

/// Among what lies below and is not set by the same layer, the name that was probably meant.
pub(super) fn did_you_mean<T>(
    name: &str,
    lower: &IndexMap<Arc<str>, T>,
    upper: &IndexMap<Arc<str>, Patch>,
) -> Option<String> {
    if lower.len() > SEARCHED {
        return None;
    }
    suggest::did_you_mean(name, lower.keys().filter(|key| !upper.contains_key(*key)).map(|key| &**key))
}

/// `$patch: replace` in a map that lies over nothing.
pub(super) fn replace_nothing(tree: &Tree, at: &Place<'_>) -> Finding {
    let message = format!("`$patch: replace` of `{at}` replaces nothing");
    let mut finding = Finding::new(&codes::merge::REPLACE_NOTHING, tree.origin.mark(Kind::of(&tree.content)), message)
        .label("no layer below sets this")
        .help("remove `$patch`; or set what it is to replace by the name that it has below");
    finding.subject = Some(at.to_string());
    finding
}

pub(super) fn redundant(below: Origin, above: &Tree, at: &Place<'_>) -> Finding {
    let kind = Kind::of(&above.content);
    let message = match &above.content {
        Content::List(_) | Content::Map(_) => format!("`{at}` is set to what it is already"),
        Content::Null | Content::Bool(_) | Content::Number(_) | Content::String(_) => {
            format!("`{at}` is set to the value it has already")
        }
    };
    Finding::new(&codes::merge::REDUNDANT, above.origin.mark(kind), message)
        .label("this changes nothing")
        .also(below.mark(kind), "the same is set here")
        .help("remove the override, so that a change below is not hidden; `platc validate --fix` takes out what no environment needs")
}

/// What is said of a map or a list that changes nothing below it.
pub const ADDS_NOTHING: &str = "adds nothing to what is there";

pub(super) fn adds_nothing(below: Origin, above: &Collection, at: &Place<'_>) -> Finding {
    let kind = above.kind();
    let help = match kind {
        Kind::List => "remove it; to empty the list write `- $patch: replace` as its only item",
        Kind::Map | Kind::Scalar if above.entries.is_empty() => {
            "remove it; to empty the map write `$patch: replace` in it"
        }
        Kind::Map | Kind::Scalar => "remove it, or set what is to change",
    };
    Finding::new(&codes::merge::REDUNDANT, above.origin.mark(kind), format!("`{at}` {ADDS_NOTHING}"))
        .label("this changes nothing")
        .also(below.mark(kind), format!("it merges with {kind} here"))
        .help(help)
}

pub(super) fn files_disagree(first: Origin, second: Origin, at: &Place<'_>) -> Finding {
    let message = format!("two files of one layer set `{at}`");
    Finding::new(&codes::merge::FILES_DISAGREE, second.key.unwrap_or(second.value), message)
        .label("set here too")
        .also(first.key.unwrap_or(first.value), "set here")
        .help("keep it in one file; the files of a layer have no order in which one could win")
}

pub(super) fn marked_twice(path: &Utf8Path, sources: &Sources) -> Finding {
    let span = Span::file_start(sources.add(path, ""));
    Finding::new(
        &codes::merge::FILES_DISAGREE,
        span,
        "`environment.yaml` and `environment.yml` stand beside each other",
    )
    .help("remove one of them: both would be this environment")
}

pub(super) fn not_a_map(node: &Node) -> Finding {
    Finding::new(&codes::merge::NOT_A_MAP, node.span, "the file does not hold a map")
        .label("an environment is made of `key: value`")
        .help("give it a name, a key before it; what is no part of the environment belongs into another folder")
}

pub(super) fn no_value(origin: Origin, at: &Place<'_>) -> Finding {
    let Some(key) = origin.key else {
        return Finding::new(&codes::merge::NO_VALUE, origin.value, format!("`{at}` has no value"))
            .help("write `\"\"` for an empty string, or remove the item");
    };
    Finding::new(&codes::merge::NO_VALUE, key, format!("`{at}` has no value"))
        .label("it is not said whether this deletes or is empty")
        .help("write `null` to delete, `{}` for an empty map, `[]` for an empty list, `\"\"` for an empty string")
}

pub(super) fn tag(tag: &Tag, at: &Place<'_>) -> Finding {
    let help = match tag.text.trim_start_matches('!').to_ascii_lowercase().as_str() {
        "append" | "prepend" | "extend" | "merge" | "add" | "remove" | "unique" => {
            "how a list merges stands in the schema, `x-kubernetes-list-type`: write the items, without a tag"
        }
        "override" | "replace" | "reset" => {
            "a list replaces the one below where the schema does not say that it merges; in a map write `$patch: replace`"
        }
        "vault" | "secret" | "sops" | "encrypted" | "encrypt" | "decrypt" | "env" => {
            "an environment holds no secrets: say where one is, and let an operator bring it into the cluster"
        }
        "include" | "file" | "import" | "include_dir_merge_named" => {
            "layers below are named by `extends`; a file is read in a template, by `file(\"…\")`"
        }
        _ => "write the value here, and the function in the template",
    };
    Finding::new(&codes::merge::TAG, tag.span, format!("`{at}` has the tag `{}`", tag.text))
        .label("an environment holds plain data")
        .help(help)
}

pub(super) fn unknown_directive(entry: &Entry) -> Finding {
    Finding::new(&codes::merge::BAD_PATCH, entry.value.span, "`$patch` is neither `delete` nor `replace`")
        .label("`$patch` does not know this")
        .help("without `$patch`, a map merges with the one below")
}

pub(super) fn other_directive(entry: &Entry) -> Finding {
    let message = format!("`{}` means nothing in a layer", entry.key.text);
    Finding::new(&codes::merge::BAD_PATCH, entry.key.span, message)
        .label("this would be a key like any other")
        .help("a layer knows `$patch: delete` and `$patch: replace`; null deletes a key")
}

pub(super) fn beside_delete(entry: &Entry) -> Finding {
    let message = format!("`{}` stands beside `$patch: delete`", entry.key.text);
    Finding::new(&codes::merge::BAD_PATCH, entry.key.span, message)
        .label("this would be deleted with the rest")
        .help("remove it, or write `$patch: replace` to set the map anew")
}

pub(super) fn patch_in_plain_list(entry: &Entry, at: &Place<'_>) -> Finding {
    Finding::new(
        &codes::merge::BAD_PATCH,
        entry.key.span,
        format!("`{at}` has a `$patch`, but its list does not merge"),
    )
    .label("the list is replaced as a whole")
    .help(
        "give the list `x-kubernetes-list-type: map` and its keys in the schema, or write all items that it is to have",
    )
}

pub(super) fn missing_merge_key(item: &Node, key: &str, at: &Place<'_>) -> Finding {
    let first = match &item.content {
        Written::Map(entries) => entries.first().map_or(item.span, |entry| entry.key.span),
        Written::Scalar { .. } | Written::List(_) => item.span,
    };
    let help = match &item.content {
        Written::Map(_) => format!("add `{key}`"),
        Written::Scalar { .. } | Written::List(_) => {
            format!("write `- {key}: …`; to delete an item, write `$patch: delete` below its `{key}`")
        }
    };
    Finding::new(&codes::merge::MISSING_MERGE_KEY, first, format!("`{at}` has no `{key}`"))
        .label(format!("items of this list are told apart by `{key}`"))
        .help(help)
}

pub(super) fn duplicate_item(one: Origin, other: Origin, at: &Place<'_>) -> Finding {
    let (first, second) = if one.value.start <= other.value.start { (one, other) } else { (other, one) };
    Finding::new(&codes::merge::DUPLICATE_ITEM, second.value, format!("`{at}` stands twice"))
        .label("again here")
        .also(first.value, "first here")
        .help("remove one of the two, or merge them")
}

pub(super) fn deletes_all(origin: Origin) -> Finding {
    Finding::new(&codes::merge::BAD_PATCH, origin.value, "`$patch: delete` at the top of a file deletes everything")
        .label("nothing would be left of the environment")
        .help("remove it; to start anew do not extend the layers below")
}

pub(super) fn extends_is_no_list(entry: &Entry) -> Finding {
    let finding = Finding::new(&codes::project::WRONG_TYPE, entry.value.span, "`extends` must be a list of paths");
    match &entry.value.content {
        Written::Scalar { text, .. } if !text.is_empty() => finding.help(format!("write `extends: [{text}]`")),
        _ => finding.help("write `extends: [../base]`"),
    }
}

pub(super) fn extends_holds_no_path(item: &Node) -> Finding {
    Finding::new(&codes::project::WRONG_TYPE, item.span, "an item of `extends` must be a path")
        .help("write `extends: [../base]`")
}

/// `from`: the folder of the file that names it.
pub(super) fn absent(extends: &Extends, absent: &Absent, from: &Utf8Path) -> Finding {
    let path = &extends.path;
    match absent {
        Absent::Missing(siblings, elsewhere) => {
            let name = path.file_name().unwrap_or_default();
            let finding =
                Finding::new(&codes::project::LAYER_MISSING, extends.span, format!("there is no layer `{path}`"))
                    .label("nothing is there");
            let with_ending = [format!("{name}.yaml"), format!("{name}.yml")];
            let other = siblings.iter().find(|sibling| with_ending.contains(sibling)).map(String::as_str);
            let near = || suggest::nearest(name, siblings.iter().map(String::as_str)).filter(|_| elsewhere.is_empty());
            match other.or_else(near) {
                Some(other) => {
                    let folder = extends.written.trim_end_matches('/').strip_suffix(name).unwrap_or_default();
                    finding.help(format!("did you mean `{folder}{other}`?"))
                }
                None if !elsewhere.is_empty() => {
                    let ways: Vec<_> = elsewhere.iter().take(3).map(|to| format!("`{}`", way(from, to))).collect();
                    let finding = finding.label(format!("did you mean {}?", ways.join(" or ")));
                    finding.help("a path begins at the folder of the file that it stands in, not at the project's")
                }
                // Paths begin at the file's own folder, where an environment has no other layers as a rule.
                None if !extends.written.starts_with('.') => finding.help(format!(
                    "paths begin at the folder of this file: is `../{}` meant? A layer is a folder with `*.yaml` files, or one such file",
                    extends.written
                )),
                None => finding.help("a layer is a folder with `*.yaml` files, or one such file"),
            }
        }
        Absent::Empty => {
            Finding::new(&codes::project::LAYER_EMPTY, extends.span, format!("the layer `{path}` has no `*.yaml` file"))
                .label("this folder has nothing to add")
                .help("files in its sub-folders do not belong to it; name the folder in which they lie")
        }
        Absent::Unreadable(error) => unreadable(path, error, extends.span),
    }
}

/// The circle's layers, each with the index of the entry of `extends` that leads to the next one, the last to the first.
pub(super) fn cycle(circle: &[(&Layer, usize)]) -> Finding {
    // The same circle is found from each of its layers; told from one of them it is one finding.
    let first = circle.iter().enumerate().min_by_key(|(_, (layer, _))| &layer.path).map_or(0, |(index, _)| index);
    let steps = || circle[first..].iter().chain(&circle[..first]);
    let span = |(layer, index): &(&Layer, usize)| layer.extends[*index].span;
    let mut path: Vec<_> = steps().map(|(layer, _)| format!("`{}`", layer.path)).collect();
    path.extend(path.first().cloned());
    let message = match circle {
        [(layer, _)] => format!("`{}` extends itself", layer.path),
        _ => format!("layers extend each other in a circle: {}", path.join(" → ")),
    };
    let mut spans = steps().map(span);
    let start = spans.next().unwrap_or_else(|| span(&circle[0]));
    let target = |index: usize| &path[(index + 1) % path.len()];
    let mut finding = Finding::new(&codes::project::EXTENDS_CYCLE, start, message);
    if circle.len() > 1 {
        finding = finding.label(format!("this leads to {}", target(0)));
        for (index, span) in spans.enumerate() {
            finding = finding.also(span, format!("this leads to {}", target(index + 1)));
        }
    }
    finding.help("remove one of these; what both need belongs into a layer of its own")
}

pub(super) fn applied_before(late: &Extends, earlier: Option<&Extends>) -> Finding {
    let written = &late.written;
    match earlier {
        Some(earlier) if earlier.path == late.path => {
            Finding::new(&codes::project::EXTENDS_ORDER, late.span, format!("`{written}` is extended twice"))
                .label("a layer applies once")
                .also(earlier.span, "first here")
                .help("remove one of the two")
        }
        Some(earlier) => {
            let message = format!("`{written}` cannot apply after `{}`, which extends it", earlier.written);
            Finding::new(&codes::project::EXTENDS_ORDER, late.span, message)
                .label("this is named later, as if it were to win")
                .also(earlier.span, "this brings it along")
                .help(format!("name `{written}` first, or leave it out"))
        }
        None => Finding::new(&codes::project::EXTENDS_ORDER, late.span, format!("`{written}` applies already")),
    }
}

/// A key that templates have under the same name from platc.
pub(super) fn reserved_key(entry: &Entry) -> Finding {
    let name = &entry.key.text;
    Finding::new(&codes::merge::RESERVED_KEY, entry.key.span, format!("the name `{name}` is taken"))
        .label(format!("in templates `{name}` is what platc says of itself, and this would never be seen"))
        .help("give the key another name")
}

pub(super) fn bad_set(span: Span, message: impl Into<String>) -> Finding {
    Finding::new(&codes::merge::BAD_SET, span, message)
}

/// An environment that was there when the project was searched.
pub(super) fn gone(path: &Utf8Path, absent: &Absent, sources: &Sources) -> Finding {
    let span = Span::file_start(sources.add(path, ""));
    match absent {
        Absent::Unreadable(error) => unreadable(path, error, span),
        Absent::Missing(..) | Absent::Empty => unreadable(path, &ReadError::Missing, span),
    }
}
