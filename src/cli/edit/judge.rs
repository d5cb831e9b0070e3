//! Judging an edit before it is written: every environment that uses the layer is merged and validated in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Desk;
use crate::account::Account;
use crate::check::Acknowledgements;
use crate::disk::{Disk, Patched};
use crate::environment::Tree;
use crate::environment::edit::File;
use crate::environment::load::Loader;
use crate::finding::{Finding, Findings, Label};
use crate::source::Span;

/// Where a value came from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Typed {
    pub(super) path: Span,
    pub(super) value: Span,
    /// The value is a secret's.
    pub(super) secret: bool,
}

/// What becomes of the environments of a project.
#[derive(Default)]
pub(super) struct Judged {
    /// What is wrong or doubtful now and was not before, told at places of the files as they stand and of what was typed.
    pub(super) news: Findings,
    /// The environments that are not what they were.
    pub(super) changed: Vec<Arc<str>>,
    /// All that use one of the files, as they would be.
    pub(super) roots: BTreeMap<Arc<str>, Tree>,
}

impl Desk<'_> {
    /// The project's files with the edits done.
    pub(super) fn patched(&self, files: &[&File]) -> Patched<'_> {
        let texts = files.iter().map(|file| (file.path.clone(), file.text.clone().into_bytes())).collect();
        Patched::new(self.session.disk.as_ref(), texts)
    }

    /// Judges all environments that use one of the files. `typed` are the places that values came from, by their numbers.
    pub(super) fn judge(&self, files: &[&File], typed: &[Typed]) -> Judged {
        let mut judged = Judged::default();
        let patched = self.patched(files);
        let (before, after) = (self.loader(self.session.disk.as_ref()), self.loader(&patched));
        for entry in &self.project.environments {
            let mut old = Findings::default();
            let environment = before.load(entry, None, &mut old);
            let uses = |file: &&&File| {
                let Some(environment) = &environment else { return file.path.starts_with(&entry.path) };
                let path_of = |id| self.session.sources.get(id).path() == file.path;
                environment.layers.iter().any(|layer| layer.files.iter().any(|id| path_of(*id)))
            };
            if files.iter().find(uses).is_none() {
                continue;
            }
            let mut new = Findings::default();
            let edited = after.load(entry, None, &mut new);
            for (environment, findings) in [(&environment, &mut old), (&edited, &mut new)] {
                if let Some(environment) = environment {
                    let account = Account::unbounded();
                    self.schema.validate(&environment.root, &self.session.sources, &account, findings);
                    self.severities.apply(findings);
                    Acknowledgements::of(environment).apply(findings, None);
                }
            }
            let told: BTreeSet<_> = old.iter().map(|it| (it.rule.id, &it.message, it.is_error())).collect();
            let mut news = Findings::default();
            for finding in new.iter().filter(|it| !told.contains(&(it.rule.id, &it.message, it.is_error()))) {
                news.push(self.moved(finding, files, typed));
            }
            news.name_environment(&entry.name);
            judged.news.append(news);
            let Some(edited) = edited else { continue };
            if environment.is_none_or(|old| !old.root.is_same_as(&edited.root)) {
                judged.changed.push(Arc::clone(&entry.name));
            }
            judged.roots.insert(Arc::clone(&entry.name), (*edited.root).clone());
        }
        judged
    }

    fn loader<'d>(&'d self, disk: &'d dyn Disk) -> Loader<'d, crate::schema::Shape<'d>> {
        Loader::new(self.shape(), disk, &self.session.sources, &self.session.limits)
    }

    /// A finding about files that were never written, at places that the user knows.
    pub(super) fn moved(&self, finding: &Finding, files: &[&File], typed: &[Typed]) -> Finding {
        let mut finding = finding.clone();
        finding.conceal |= typed.iter().any(|typed| typed.secret);
        let conceal = finding.conceal;
        let place = |span: Span| self.place(span, files, typed, conceal);
        finding.primary.span = place(finding.primary.span);
        let related = finding.related.iter();
        finding.related = related.map(|label| Label { span: place(label.span), text: label.text.clone() }).collect();
        finding
    }

    fn place(&self, span: Span, files: &[&File], typed: &[Typed], conceal: bool) -> Span {
        let source = self.session.sources.get(span.file);
        let edited = files.iter().find(|file| file.path == source.path() && *file.text == **source.text());
        let Some(file) = edited else { return span };
        let start = file.old_place(span.start as usize);
        // A value's last character is its own; what follows it may be new.
        let last = (span.end as usize).max(span.start as usize + 1) - 1;
        match (start, file.old_place(last)) {
            (Ok(start), Ok(last)) if span.end > span.start => Span::new(file.before, start, last + 1),
            (Ok(start), _) => {
                let text = self.session.sources.get(file.before);
                let line = text.text()[start..].lines().next().unwrap_or_default().trim_end();
                Span::new(file.before, start, if span.end > span.start { start + line.len() } else { start })
            }
            (Err(value), _) => match typed.get(value) {
                Some(typed) if conceal => typed.path,
                Some(typed) => typed.value,
                None => Span::file_start(file.before),
            },
        }
    }
}
