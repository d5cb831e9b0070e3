//! Findings as data that outlives a run. Places are named by files and offsets; the texts of files that were read are
//! not kept, since they are read again before anything is believed.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::hex;
use crate::finding::Known as Secrets;
use crate::finding::{Acknowledged, Alike, Finding, Label, Rendered, Rule, Severity, Wording};
use crate::source::{FileId, Sources, Span};

/// A file, and a range of it.
pub(super) type Place = (u32, u32, u32);

/// What the disk answered, by path and question, in the words of an entry.
pub(super) type Said = BTreeMap<(String, Option<u64>), String>;

/// One finding.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    rule: u32,
    is_error: bool,
    wording: (u32, u32, u32),
    message: String,
    primary: (Place, String),
    related: Vec<(Place, String)>,
    help: Option<String>,
    conceal: bool,
    detail: Option<String>,
    environments: Vec<String>,
    in_own_file: bool,
    subject: Option<String>,
    rendered: Option<(String, Option<usize>, String)>,
    acknowledged: Option<(String, Option<String>, Place)>,
    failed: bool,
}

/// What findings have in common.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Tables {
    rules: Vec<KeptRule>,
    /// Files of platc's own code, which tell sentences apart.
    words: Vec<String>,
    /// The texts that places lie in: by path alone if the file was read and holds just that.
    texts: Vec<(String, Option<String>)>,
    /// What must not be shown of them.
    hidden: Vec<Place>,
}

/// A rule of platc's by its id, or one of the project with all that is known of it.
#[derive(Debug, Serialize, Deserialize)]
enum KeptRule {
    Known(String),
    Own { id: String, is_error: bool, summary: String, explanation: String, configurable: bool },
}

/// Turns what a run has made into data.
pub(super) struct Packer<'a> {
    sources: &'a Sources,
    secrets: Secrets,
    answers: [&'a Said; 2],
    known: BTreeMap<&'static str, &'static Rule>,
    tables: Tables,
    rules: BTreeMap<&'static str, u32>,
    words: BTreeMap<&'static str, u32>,
    texts: BTreeMap<FileId, u32>,
}

impl<'a> Packer<'a> {
    pub(super) fn new(
        sources: &'a Sources,
        answers: [&'a Said; 2],
        known: impl Iterator<Item = &'static Rule>,
    ) -> Self {
        let known = known.map(|rule| (rule.id, rule)).collect();
        let (rules, words, texts) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { sources, secrets: Secrets::to(sources), answers, known, tables: Tables::default(), rules, words, texts }
    }

    pub(super) fn into_tables(mut self) -> Tables {
        for (file, number) in self.texts {
            let hidden = self.sources.get(file).hidden().into_iter();
            self.tables.hidden.extend(hidden.map(|range| (number, range.start as u32, range.end as u32)));
        }
        self.tables
    }

    pub(super) fn findings<'f>(&mut self, findings: impl Iterator<Item = &'f Finding>) -> Vec<Kept> {
        findings.map(|finding| self.finding(finding)).collect()
    }

    fn finding(&mut self, finding: &Finding) -> Kept {
        // What is kept names no secret.
        let finding = &finding.veiled(&self.secrets);
        let Wording { file, line, column } = finding.wording;
        let acknowledged = finding.acknowledged.as_ref();
        Kept {
            rule: self.rule(finding.rule),
            is_error: finding.severity == Severity::Error,
            wording: (number(&mut self.words, &mut self.tables.words, file, || file.to_owned()), line, column),
            message: finding.message.clone(),
            primary: self.label(&finding.primary),
            related: finding.related.iter().map(|label| self.label(label)).collect(),
            help: finding.help.clone(),
            conceal: finding.conceal,
            detail: finding.detail.clone(),
            environments: finding.environments.iter().map(ToString::to_string).collect(),
            in_own_file: finding.in_own_file,
            subject: finding.subject.clone(),
            rendered: finding.rendered.as_ref().map(|it| (it.file.clone(), it.document, it.path.clone())),
            acknowledged: acknowledged.map(|it| {
                let until = it.until.as_ref().map(ToString::to_string);
                (it.reason.to_string(), until, self.place(it.span))
            }),
            failed: finding.failed,
        }
    }

    fn rule(&mut self, rule: &'static Rule) -> u32 {
        let known = self.known.get(rule.id).is_some_and(|known| std::ptr::eq(*known, rule));
        number(&mut self.rules, &mut self.tables.rules, rule.id, || {
            if known {
                return KeptRule::Known(rule.id.to_owned());
            }
            KeptRule::Own {
                id: rule.id.to_owned(),
                is_error: rule.severity == Severity::Error,
                summary: rule.summary.to_owned(),
                explanation: rule.explanation.to_owned(),
                configurable: rule.configurable,
            }
        })
    }

    fn label(&mut self, label: &Label) -> (Place, String) {
        (self.place(label.span), label.text.clone())
    }

    pub(super) fn place(&mut self, span: Span) -> Place {
        (self.file(span.file), span.start, span.end)
    }

    pub(super) fn file(&mut self, file: FileId) -> u32 {
        let (sources, answers) = (self.sources, self.answers);
        number(&mut self.texts, &mut self.tables.texts, file, || {
            let source = sources.get(file);
            let digest = hex(&Sha256::digest(source.text().as_bytes()));
            let was_read = answers.into_iter().any(|answers| {
                let from = (source.path().to_string(), Some(0));
                let mut reads = answers.range(from..).take_while(|((path, _), _)| path == source.path());
                reads.any(|(_, answer)| *answer == digest)
            });
            (source.path().to_string(), (!was_read).then(|| source.text().to_string()))
        })
    }
}

/// The number of something in a table, where it is put if it is new.
pub(super) fn number<K: Ord, T>(
    known: &mut BTreeMap<K, u32>,
    table: &mut Vec<T>,
    key: K,
    make: impl FnOnce() -> T,
) -> u32 {
    *known.entry(key).or_insert_with(|| {
        table.push(make());
        table.len() as u32 - 1
    })
}

/// Bytes of files whose answers are known to be the same.
pub type Texts = BTreeMap<Utf8PathBuf, Vec<u8>>;

impl Tables {
    /// The files whose texts are wanted.
    pub(super) fn wanted(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().filter(|(_, text)| text.is_none()).map(|(path, _)| path.as_str())
    }
}

/// Makes of data what a run works with.
pub(super) struct Unpacker {
    rules: Vec<&'static Rule>,
    words: Vec<&'static str>,
    /// None where the text is not known.
    files: Vec<Option<FileId>>,
}

impl Unpacker {
    /// `None` if something is not as this build would have written it.
    pub(super) fn new(
        tables: Tables,
        texts: &Texts,
        sources: &Sources,
        known: impl Iterator<Item = &'static Rule>,
    ) -> Option<Self> {
        let known: BTreeMap<_, _> =
            if tables.rules.is_empty() { BTreeMap::new() } else { known.map(|rule| (rule.id, rule)).collect() };
        let rule = |kept| match kept {
            KeptRule::Known(id) => known.get(&*id).copied(),
            KeptRule::Own { id, is_error, summary, explanation, configurable } => Some(&*Box::leak(Box::new(Rule {
                id: lasting(id),
                severity: severity(is_error),
                summary: lasting(summary),
                explanation: lasting(explanation),
                example: None,
                configurable,
            }))),
        };
        let rules = tables.rules.into_iter().map(rule).collect::<Option<_>>()?;
        let words = tables.words.into_iter().map(lasting).collect();
        let mut files = Vec::with_capacity(tables.texts.len());
        for (path, text) in tables.texts {
            let read = || String::from_utf8(texts.get(Utf8Path::new(&path))?.clone()).ok();
            let text = text.or_else(read);
            files.push(text.map(|text| sources.add(path, text)));
        }
        for (file, start, end) in tables.hidden {
            if let Some(file) = files.get(file as usize).copied().flatten() {
                sources.get(file).hide(start as usize..end as usize);
            }
        }
        Some(Self { rules, words, files })
    }

    pub(super) fn findings(&self, kept: Vec<Kept>) -> Option<Vec<Finding>> {
        kept.into_iter().map(|kept| self.finding(kept)).collect()
    }

    fn finding(&self, kept: Kept) -> Option<Finding> {
        let (file, line, column) = kept.wording;
        let acknowledged = match kept.acknowledged {
            Some((reason, until, place)) => {
                let until = until.map(Into::into);
                Some(Acknowledged { reason: reason.into(), until, span: self.span(place)? })
            }
            None => None,
        };
        Some(Finding {
            rule: self.rules.get(kept.rule as usize).copied()?,
            severity: severity(kept.is_error),
            wording: Wording { file: self.words.get(file as usize)?, line, column },
            message: kept.message,
            primary: self.label(kept.primary)?,
            related: kept.related.into_iter().map(|label| self.label(label)).collect::<Option<_>>()?,
            help: kept.help,
            conceal: kept.conceal,
            detail: kept.detail,
            environments: kept.environments.into_iter().map(Into::into).collect(),
            in_own_file: kept.in_own_file,
            alike: Alike::default(),
            subject: kept.subject,
            rendered: kept.rendered.map(|(file, document, path)| Rendered { file, document, path }),
            acknowledged,
            failed: kept.failed,
        })
    }

    fn label(&self, (place, text): (Place, String)) -> Option<Label> {
        Some(Label { span: self.span(place)?, text })
    }

    pub(super) fn span(&self, (file, start, end): Place) -> Option<Span> {
        Some(Span { file: self.file(file)?, start, end })
    }

    pub(super) fn file(&self, file: u32) -> Option<FileId> {
        self.files.get(file as usize).copied().flatten()
    }
}

fn severity(is_error: bool) -> Severity {
    if is_error { Severity::Error } else { Severity::Warning }
}

/// A text that stays until the program ends, as those of rules do.
fn lasting(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}
