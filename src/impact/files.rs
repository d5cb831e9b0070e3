//! Files that are no objects and no templates: values of charts, charts themselves, code, texts.

mod readers;

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::differs::{Difference, blame, differences};
use crate::artifact::Target;
use crate::check::cfn::Template;
use crate::check::view::applied::applied;
use crate::check::view::path::beside;
use crate::check::{Change, Consequence, Document, Draft, Node, Place, Report, View};

/// Values of charts, and what else stands in a tree and is no object and no template.
pub(super) fn documents(change: &Change<'_>, report: &mut Report) {
    let is_ours = |document: &Document<'_>| match document.target {
        Some(Target::CloudFormation) => false,
        Some(Target::Kubernetes) => is_file(document) || document.root().get("kind").is_none(),
        _ => true,
    };
    let (old, new) = (by_path(change.old(), is_ours), by_path(change.new_tree(), is_ours));
    // What is read as something else now, or was before, is told there.
    let paths = |view: &View<'_>| -> BTreeSet<String> { view.paths().map(ToString::to_string).collect() };
    let (before, after) = (paths(change.old()), paths(change.new_tree()));
    for (path, documents) in &old {
        let now = new.get(path).map_or(&[][..], Vec::as_slice);
        if now.is_empty() && after.contains(path.as_str()) {
            continue;
        }
        // Of several documents in one file each is compared with the one at its place.
        for (number, document) in documents.iter().enumerate() {
            let now = now.get(number);
            let found = differences(Some(document.root()), now.map(|it| it.root()));
            let Some(first) = found.first() else { continue };
            if is_file(document) && found.iter().all(|it| takes_known(change, path, it)) {
                let message = format!("`{path}` takes in other files, and what becomes of those is told of them");
                tell(change, Consequence::InPlace, (document, first), message, report).subject(path.as_str());
                continue;
            }
            file(change, document, now.is_none(), first, report);
        }
    }
    for (path, documents) in &new {
        if !old.contains_key(path) && before.contains(path.as_str()) {
            continue;
        }
        for document in documents.iter().skip(old.get(path).map_or(0, Vec::len)) {
            report.at(Consequence::Adds.rule(), &document.root(), format!("the file `{path}` is made"));
        }
    }
}

fn by_path<'v, 'a>(
    view: &'v View<'a>,
    is_ours: impl Fn(&Document<'_>) -> bool,
) -> BTreeMap<&'a Utf8Path, Vec<&'v Document<'a>>> {
    let mut found: BTreeMap<&Utf8Path, Vec<&Document<'_>>> = BTreeMap::new();
    for document in view.documents().iter().filter(|it| is_ours(it)) {
        found.entry(document.path).or_default().push(document);
    }
    found
}

/// Files that are no documents. Most that is deployed from such is made by others: charts, code, what Kustomize takes in.
pub(super) fn texts(change: &Change<'_>, report: &mut Report) {
    let (old, new) = (Texts::of(change.old()), Texts::of(change.new_tree()));
    for (path, (place, text)) in &new.all {
        let (consequence, message) = match old.all.get(path) {
            Some((_, before)) if before == text => continue,
            None if old.paths.contains(path.as_str()) => {
                (Consequence::Unknown, format!("`{path}` is another kind of file now, and what reads it is not known"))
            }
            None => match new.whose(path) {
                Some(whose) => (
                    Consequence::Unknown,
                    format!("the file `{path}` is new, and what comes of it is not known: {whose}"),
                ),
                None => (Consequence::Adds, format!("the file `{path}` is made")),
            },
            Some(_) if new.is_for_people(path) => {
                (Consequence::Nothing, format!("`{path}` changes, a text that nothing of the tree deploys"))
            }
            Some(_) => {
                let why = new.whose(path).unwrap_or("what reads it is not in the tree");
                (Consequence::Unknown, format!("`{path}` changes, and what comes of it is not known: {why}"))
            }
        };
        let before = old.all.get(path).map(|(_, before)| *before);
        report.at(consequence.rule(), place, message).caused_by(place, before);
    }
    for (path, (place, _)) in old.all.iter().filter(|(path, _)| !new.paths.contains(path.as_str())) {
        let consequence = if old.is_for_people(path) { Consequence::Nothing } else { Consequence::Unknown };
        let message = match old.whose(path) {
            Some(whose) if consequence == Consequence::Unknown => {
                format!("the file `{path}` is gone, and what comes of it is not known: {whose}")
            }
            _ => format!("the file `{path}` is gone"),
        };
        let draft = report.elsewhere(consequence.rule(), change.was_at(place), message);
        draft.subject(path.as_str()).stood(place.clone());
    }
}

/// The texts of a tree, and what may read them.
struct Texts<'a> {
    all: BTreeMap<String, (Place, &'a str)>,
    /// Of all files.
    paths: BTreeSet<&'a str>,
    /// What Kustomize makes objects of.
    generated: BTreeSet<String>,
    /// Folders that are charts.
    charts: Vec<&'a Utf8Path>,
    /// Folders that Argo CD or Flux apply.
    applied: Vec<&'a str>,
    /// What templates of `CloudFormation` name by a path: code, stacks within them.
    packaged: Vec<Utf8PathBuf>,
}

/// Where a template names files that are uploaded with it.
const PACKAGED: [&str; 8] =
    ["Code", "CodeUri", "Content", "ContentUri", "DefinitionUri", "DefinitionS3Location", "Location", "TemplateURL"];

impl<'a> Texts<'a> {
    fn of(view: &View<'a>) -> Self {
        let all = view.texts().map(|(place, text)| (view.artifact(&place).path.to_string(), (place, text)));
        let generated = view.kustomizations().iter().flat_map(|own| {
            let names = own.generated_from().filter_map(|it| it.text());
            let names = names.map(|name| name.rsplit('=').next().unwrap_or(name));
            names.filter_map(|name| Some(own.beside(name)?.into_string()))
        });
        let charts = view.paths().filter(|it| it.file_name() == Some("Chart.yaml")).filter_map(Utf8Path::parent);
        Self {
            all: all.collect(),
            paths: view.paths().map(Utf8Path::as_str).collect(),
            generated: generated.collect(),
            charts: charts.collect(),
            applied: applied(view).iter().map(|it| it.folder).collect(),
            packaged: view.templates().iter().flat_map(packaged).collect(),
        }
    }

    /// Whose a file is, if something of the tree reads it.
    fn whose(&self, path: &str) -> Option<&'static str> {
        let is_in =
            |folder: &str| folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        if self.generated.contains(path) {
            Some("Kustomize makes an object of it")
        } else if self.packaged.iter().any(|it| path == it.as_str() || is_in(it.as_str())) {
            Some("a template of CloudFormation names it, or its folder")
        } else if self.charts.iter().any(|it| is_in(it.as_str())) {
            Some("it is a part of a chart")
        } else if self.applied.iter().any(|it| !it.is_empty() && is_in(it)) {
            Some("it lies in a folder that is applied")
        } else {
            None
        }
    }

    /// Whether no tool reads a file of this name to deploy it.
    fn is_for_people(&self, path: &str) -> bool {
        is_for_people(path) || (Utf8Path::new(path).extension() == Some("txt") && self.whose(path).is_none())
    }
}

fn packaged(template: &Template<'_>) -> Vec<Utf8PathBuf> {
    let root = template.document.root();
    let named = PACKAGED.iter().flat_map(|key| root.under(key)).filter_map(|it| it.text());
    let paths = named.filter(|text| !text.contains("://")).filter_map(|text| beside(template.document.path, text));
    paths.filter(|it| !it.as_str().is_empty()).collect()
}

/// Whether no tool reads a file of this name to deploy it.
fn is_for_people(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_of_git = matches!(name, ".gitignore" | ".gitattributes" | ".editorconfig" | "CODEOWNERS" | "OWNERS");
    let is_text = name.strip_suffix(".md").is_some_and(|it| !it.is_empty());
    is_of_git || is_text || ["LICENSE", "README", "NOTICE", "CHANGELOG"].iter().any(|it| name.starts_with(it))
}

fn is_file(document: &Document<'_>) -> bool {
    document.root().text_at(["apiVersion"]).is_some_and(|it| it.starts_with("kustomize.config.k8s.io"))
}

fn file(change: &Change<'_>, document: &Document<'_>, is_gone: bool, at: &Difference<'_>, report: &mut Report) {
    let path = document.path;
    let root = document.root();
    let (consequence, message) = if is_gone && readers::went_too(change, path) {
        (Consequence::Nothing, format!("`{path}` is gone with all that reads it, of which is told what comes of it"))
    } else if is_gone && document.target == Some(Target::HelmValues) {
        (
            Consequence::Unknown,
            format!("the values `{path}` are gone, and what the chart makes without them is not known"),
        )
    } else if is_gone {
        (Consequence::Unknown, format!("the file `{path}` is gone, and what it was for is not known"))
    } else if document.target == Some(Target::HelmValues) {
        let key = at.node().and_then(|node| node.nearest_key()).unwrap_or_default();
        let message = format!("the values `{path}` change, and what the chart makes of it is not known: `{key}`");
        (Consequence::Unknown, message)
    } else if root.get("template-file-path").is_some() {
        // Its parameters are followed to the resources.
        (Consequence::InPlace, format!("the stack of `{path}` is updated"))
    } else if is_file(document) {
        (Consequence::Unknown, format!("`{path}` changes, and what Kustomize makes of it is not known"))
    } else {
        (Consequence::Unknown, format!("`{path}` changes, and what reads it is not known"))
    };
    tell(change, consequence, (document, at), message, report).subject(path.as_str());
}

#[track_caller]
fn tell<'r>(
    change: &Change<'_>,
    consequence: Consequence,
    (document, at): (&Document<'_>, &Difference<'_>),
    message: String,
    report: &'r mut Report,
) -> &'r mut Draft {
    match (at.new, at.old) {
        (Some(new), old) => {
            let draft = report.at(consequence.rule(), &new, message);
            if let Some(old) = old {
                draft.beside(change.was(&old), "as it was");
            }
            blame(draft, &[*at]);
            draft
        }
        (None, Some(old)) => report.elsewhere(consequence.rule(), change.was(&old), message).stood(&old),
        (None, None) => report.elsewhere(consequence.rule(), change.was(&document.root()), message),
    }
}

/// Whether a difference is one of the files that a `kustomization.yaml` takes in, each of which lies in a tree.
fn takes_known(change: &Change<'_>, path: &Utf8Path, at: &Difference<'_>) -> bool {
    let is_list =
        at.node().is_some_and(|it| it.key() == Some("resources") && it.parent().is_some_and(|it| it.is_root()));
    let names = |of: Option<Node<'_>>| -> Vec<String> {
        let items = of.map(|it| it.items()).unwrap_or_default();
        items.iter().filter_map(|it| it.text().map(str::to_owned)).collect()
    };
    let is_in = |view: &View<'_>, name: &String| {
        let file = beside(path, name);
        file.is_some_and(|file| view.paths().any(|it| it == file))
    };
    let (old, new) = (names(at.old), names(at.new));
    is_list
        && old.iter().filter(|it| !new.contains(it)).all(|it| is_in(change.old(), it))
        && new.iter().filter(|it| !old.contains(it)).all(|it| is_in(change.new_tree(), it))
}
