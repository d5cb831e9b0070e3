//! Patches, in the `kustomization.yaml` itself or in a file of the tree, read alike.

use super::KUSTOMIZATION;
use crate::check::view::repository::is_filled_in;
use crate::check::{Draft, Kustomization, Node, Report, View};
use crate::finding::{Findings, Rule, codes, suggest};
use crate::limits::Limits;
use crate::value::Value;
use crate::yaml::{self, Content, read};

/// A patch that a kustomization names.
pub(super) struct Patch<'a> {
    pub(super) target: Option<Node<'a>>,
    /// Where it is named.
    pub(super) node: Node<'a>,
    /// A text in the kustomization, if it is no file.
    text: Option<Text<'a>>,
    /// The documents of its file.
    file: Vec<Node<'a>>,
}

/// A patch that is a text.
struct Text<'a> {
    node: Node<'a>,
    written: &'a str,
    read: yaml::Node,
}

/// A value in a patch.
#[derive(Clone, Copy)]
pub(super) enum Part<'p, 'a> {
    Text(Node<'a>, &'a str, &'p yaml::Node),
    File(Node<'a>),
}

/// All patches of a kustomization that can be read; a finding for each that Kustomize cannot.
pub(super) fn all<'a>(view: &View<'a>, own: &Kustomization<'a>, report: &mut Report) -> Vec<Patch<'a>> {
    let entries = ["patches", "patchesJson6902"].into_iter().flat_map(|key| own.root.list([key]));
    let mut found: Vec<Patch<'a>> = Vec::new();
    for entry in entries.filter(|entry| matches!(entry.value, Value::Map(_))) {
        let (text, path) = (filled(&entry, "patch"), filled(&entry, "path"));
        let wrong = match (&text, &path) {
            (Some(_), Some(_)) => Some(("has a `patch` and a `path`", "leave one of the two out")),
            (None, None) => {
                Some(("has no `patch` and no `path`", "write the patch below `patch: |-`, or name its file"))
            }
            _ => None,
        };
        if let Some((what, help)) = wrong {
            let draft = report.at(&KUSTOMIZATION, entry, format!("an item of `patches` {what}"));
            draft.label("Kustomize takes one of the two").help(help);
            continue;
        }
        let target = entry.get("target");
        found.extend(text.or(path).and_then(|node| Patch::of(view, own, node, target, report)));
    }
    for node in own.root.list(["patchesStrategicMerge"]) {
        found.extend(Patch::of(view, own, node, None, report));
    }
    found
}

fn filled<'a>(node: &Node<'a>, key: &str) -> Option<Node<'a>> {
    node.get(key).filter(|it| it.text().is_none_or(|text| !text.is_empty()) && !matches!(it.value, Value::Null))
}

impl<'a> Patch<'a> {
    fn of(
        view: &View<'a>,
        own: &Kustomization<'a>,
        node: Node<'a>,
        target: Option<Node<'a>>,
        report: &mut Report,
    ) -> Option<Self> {
        let written = node.text().filter(|text| !text.contains("{{"))?;
        let is_text = node.key() == Some("patch") || written.contains(['\n', '{', ' ']);
        if is_text {
            let text = Text::of(view, node, written, report)?;
            return Some(Self { target, node, text: Some(text), file: Vec::new() });
        }
        let path = own.beside(written)?;
        let file = view.documents().iter().filter(|it| it.path == path).map(crate::check::Document::root).collect();
        Some(Self { target, node, text: None, file })
    }

    /// Whether a key beside it was probably meant as `target`, which is told by itself.
    pub(super) fn is_misspelt(&self) -> bool {
        let beside = self.node.parent().map(|it| it.entries()).unwrap_or_default();
        self.target.is_none() && beside.iter().any(|(key, _)| suggest::nearest(key, ["target"]).is_some())
    }

    /// The documents that it is made of.
    pub(super) fn parts(&self) -> Vec<Part<'_, 'a>> {
        match &self.text {
            Some(text) => vec![Part::Text(text.node, text.written, &text.read)],
            None => self.file.iter().copied().map(Part::File).collect(),
        }
    }
}

impl<'a> Text<'a> {
    fn of(view: &View<'a>, node: Node<'a>, written: &'a str, report: &mut Report) -> Option<Self> {
        let file = view.artifact(&node.place()).place.file;
        let mut findings = Findings::default();
        let read = read::read_text(written, file, &Limits::default(), &mut findings);
        let syntax = findings.iter().find(|finding| finding.rule == &codes::yaml::SYNTAX);
        if let Some(syntax) = syntax {
            let draft = report.at(&KUSTOMIZATION, node, format!("this patch cannot be read: {}", syntax.message));
            draft
                .label("Kustomize refuses it")
                .help("correct the text below `patch`; `|-` keeps its lines as they are");
            return None;
        }
        // Behind a bracket Kustomize reads JSON, and not YAML.
        if written.starts_with('[') && serde_json::from_str::<serde_json::Value>(written).is_err() {
            let draft = report.at(&KUSTOMIZATION, node, "this patch begins with `[` and is no JSON");
            draft.label("Kustomize reads it as JSON, where all names and texts stand in quotes");
            draft.help("write each operation as an item of its own, `- op: …`, below `patch: |-`");
            return None;
        }
        Some(Self { node, written, read: read? })
    }
}

impl<'p, 'a> Part<'p, 'a> {
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        match self {
            Part::Text(node, written, read) => Some(Part::Text(*node, written, read.get(key)?)),
            Part::File(node) => node.get(key).map(Part::File),
        }
    }

    pub(super) fn items(&self) -> Option<Vec<Self>> {
        match self {
            Part::Text(node, written, read) => match &read.content {
                Content::List(items) => Some(items.iter().map(|item| Part::Text(*node, written, item)).collect()),
                Content::Map(_) | Content::Scalar { .. } => None,
            },
            Part::File(node) => {
                matches!(node.value, Value::List(_)).then(|| node.items().into_iter().map(Part::File).collect())
            }
        }
    }

    pub(super) fn is_map(&self) -> bool {
        match self {
            Part::Text(_, _, read) => matches!(read.content, Content::Map(_)),
            Part::File(node) => matches!(node.value, Value::Map(_)),
        }
    }

    /// A text that nobody fills in.
    pub(super) fn text(&self) -> Option<&'p str>
    where
        'a: 'p,
    {
        let text = match self {
            Part::Text(_, _, read) => read.scalar().map(|text| &**text),
            Part::File(node) => node.text(),
        };
        text.filter(|text| !text.is_empty() && !is_filled_in(text))
    }

    pub(super) fn text_at<const N: usize>(&self, keys: [&str; N]) -> Option<&'p str>
    where
        'a: 'p,
    {
        keys.into_iter().try_fold(*self, |part, key| part.get(key))?.text()
    }

    /// Says something of this value.
    pub(super) fn tell<'r>(&self, rule: &'static Rule, message: String, report: &'r mut Report) -> &'r mut Draft {
        match self {
            Part::Text(node, written, read) => report.at(rule, node, message).about_range(written, read.span.range()),
            Part::File(node) => report.at(rule, node, message),
        }
    }
}
