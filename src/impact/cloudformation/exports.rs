//! Exports that other stacks import.

use super::super::differs::blame;
use super::resource::{Fate, Fates};
use super::same::{Same, same};
use crate::check::cfn::{Export, How, Template};
use crate::check::{Change, Consequence, Node, Report};

/// An export that goes while another stack imports it.
#[derive(Debug)]
pub(crate) struct Gone<'c, 'a> {
    pub(crate) export: &'c Export<'a>,
    /// A template that imported it, and where.
    pub(crate) importer: &'c Template<'a>,
    pub(crate) import: Option<&'c Node<'a>>,
    /// The template as it is now.
    pub(crate) new: Option<&'a Template<'a>>,
}

impl<'a> Gone<'_, 'a> {
    pub(crate) fn name(&self) -> &'a str {
        self.export.name.text().unwrap_or(self.export.output)
    }
}

/// All of them.
pub(crate) fn gone<'c, 'a>(change: &'c Change<'a>) -> Vec<Gone<'c, 'a>> {
    let mut found = Vec::new();
    for (old, new) in change.templates() {
        for export in old.exports() {
            let Some(importer) = importer(change, old, export) else { continue };
            let exported = change.new_tree().templates().iter().flat_map(Template::exports);
            if exported.clone().any(|it| export.name.value == it.name.value) {
                continue;
            }
            let import = importer.imports().iter().find(|import| import.value == export.name.value);
            found.push(Gone { export, importer, import, new });
        }
    }
    found
}

/// ``"`nodes/template.yaml` and 1 more import it"``.
fn importing(change: &Change<'_>, first: &Template<'_>, export: &Export<'_>) -> String {
    let imports = |it: &&Template<'_>| it.imports().iter().any(|it| it.value == export.name.value);
    let path = first.document.path;
    match change.old().templates().iter().filter(imports).count() {
        0 | 1 => format!("`{path}` imports it"),
        more => format!("`{path}` and {} more import it", more - 1),
    }
}

/// Another template of the tree before that imports it.
fn importer<'c, 'a>(change: &'c Change<'a>, of: &Template<'a>, export: &Export<'_>) -> Option<&'c Template<'a>> {
    change.old().templates().iter().find(|other| {
        other.document.path != of.document.path && other.imports().iter().any(|it| it.value == export.name.value)
    })
}

pub(super) fn effects(change: &Change<'_>, fates: &Fates<'_, '_>, report: &mut Report) {
    for it in gone(change) {
        let message = format!("the export `{}` cannot go: {}", it.name(), importing(change, it.importer, it.export));
        let draft = report.elsewhere(Consequence::Blocks.rule(), change.was(&it.export.name), message);
        draft
            .subject(change.old_subject(&it.export.name))
            .label("CloudFormation refuses to take this away")
            .stood(&it.export.name);
        if let Some(import) = it.import {
            draft.beside(change.was(import), "this imports it");
        }
    }
    replaced(change, fates, report);
    unseen(change, report);
}

/// Exports that go, move or change, and that nothing in this tree imports: another stack may.
fn unseen(change: &Change<'_>, report: &mut Report) {
    for (old, new) in change.templates() {
        for export in old.exports() {
            let has_it = |it: &&Template<'_>| it.exports().iter().any(|it| it.name.value == export.name.value);
            let name = export.name.text().unwrap_or(export.output);
            let is_imported = importer(change, old, export).is_some();
            let how = match (new.filter(has_it), change.new_tree().templates().iter().find(has_it)) {
                (Some(new), _) if !is_imported => {
                    let value = |of: &Template<'_>| -> Option<crate::value::Value> {
                        Some(of.document.root().at(["Outputs", export.output, "Value"])?.value.clone())
                    };
                    let (was, now) = (value(old), value(new));
                    match same(was.as_ref(), now.as_ref()) {
                        _ if now.is_none() => continue,
                        Same::Yes => continue,
                        Same::Perhaps => "may change".to_owned(),
                        Same::No => "changes".to_owned(),
                    }
                }
                (None, Some(other)) => format!("moves to `{}`", other.document.path),
                (None, None) if !is_imported => "goes".to_owned(),
                _ => continue,
            };
            let message = format!(
                "the export `{name}` {how}: CloudFormation refuses that while another stack imports it, and one outside of \
                 this tree may"
            );
            let draft = report.elsewhere(Consequence::Unknown.rule(), change.was(&export.name), message);
            draft.subject(change.old_subject(&export.name)).stood(&export.name);
        }
    }
}

/// Exports whose value is another one, since what they name is replaced.
fn replaced(change: &Change<'_>, fates: &Fates<'_, '_>, report: &mut Report) {
    for (old, new) in change.templates() {
        let Some(new) = new else { continue };
        for export in new.exports() {
            let Some(importer) = importer(change, old, export) else { continue };
            let Some(output) = new.document.root().at(["Outputs", export.output, "Value"]) else { continue };
            let was = old.document.root().at(["Outputs", export.output, "Value"]);
            let is_same = same(was.map(|it| it.value), Some(output.value));
            if is_same != Same::Yes {
                let name = export.name.text().unwrap_or(export.output);
                let (consequence, message) = match is_same {
                    Same::No => (Consequence::Blocks, format!("the export `{name}` cannot change")),
                    _ => {
                        (Consequence::Unknown, format!("the export `{name}` may have another value, and cannot change"))
                    }
                };
                let message = format!("{message}: {}", importing(change, importer, export));
                let draft = report.at(consequence.rule(), &output, message);
                draft.label("CloudFormation refuses another value here");
                if let Some(was) = was {
                    draft.beside(change.was(&was), "as it was");
                }
                continue;
            }
            let names = new
                .references()
                .iter()
                .filter(|it| matches!(it.how, How::Ref | How::GetAtt | How::Sub) && it.node.is_within(&output));
            let replaced =
                names.into_iter().find(|it| matches!(fates.of(new, it.to), Some(Fate::Replaced | Fate::Destroyed)));
            if let Some(reference) = replaced {
                let name = export.name.text().unwrap_or(export.output);
                let message = format!(
                    "the export `{name}` cannot change while {}: `{}` is replaced",
                    importing(change, importer, export),
                    reference.to
                );
                let draft = report.at(Consequence::Blocks.rule(), &output, message);
                draft.label("CloudFormation refuses another value here").help(
                    "export the new one under another name, let what imports it use that, and then take this out",
                );
                if let Some(at) = fates.position(new, reference.to) {
                    blame(draft, &fates.all[at].causes());
                }
            }
        }
    }
}
