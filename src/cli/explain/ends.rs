//! Where values end: the maps of all artifacts, asked the other way round.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;

use crate::artifact::{File, Lines};
use crate::cli::ask::Asked;
use crate::environment::{Content, Tree};
use crate::finding::render::safe;
use crate::pipeline::Unjudged;
use crate::source::Sources;
use crate::template::{ArtifactMap, Reason, Said, Source};
use crate::yaml::path::Path;

/// The maps of an environment's artifacts, with the lines of their files.
pub(super) struct Ends<'a> {
    artifacts: Vec<(String, ArtifactMap, Option<Lines>, String)>,
    /// What keeps files away.
    away: Vec<Reason>,
    sources: &'a Sources,
}

/// A place of the output where a value ends.
#[derive(Clone, Debug, Serialize)]
pub(super) struct End {
    artifact: String,
    line: Option<u32>,
    /// In the document; empty for the file as a whole and in a text.
    path: String,
    /// `value`, `part`, `key`, `condition`, `file` or `absence`; with the last, nothing of the artifact stands there.
    how: &'static str,
    /// With `absence`: where a template looks at the value; the artifact is empty if it is the whole of it that is not
    /// there.
    #[serde(skip_serializing_if = "Option::is_none")]
    looks: Option<String>,
    /// By which functions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    through: Vec<String>,
}

impl End {
    pub(super) fn is_data(&self) -> bool {
        matches!(self.how, "value" | "part" | "key")
    }

    fn absence(artifact: String, looks: String) -> Self {
        let (line, path, through) = (None, String::new(), Vec::new());
        Self { artifact, line, path, how: "absence", looks: Some(looks), through }
    }

    pub(super) fn is_condition(&self) -> bool {
        matches!(self.how, "condition" | "file")
    }

    pub(super) fn is_absence(&self) -> bool {
        self.how == "absence"
    }

    pub(super) fn draw(&self, out: &mut String) {
        if let Some(looks) = &self.looks {
            let of = if self.artifact.is_empty() { "for a whole file" } else { &self.artifact };
            let _ = writeln!(out, "{}", safe::line(&format!("  {looks}  {of}")));
            return;
        }
        let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        let how = match self.how {
            "part" if self.through.is_empty() => "  as a part".to_owned(),
            "part" => format!("  with `{}`", self.through.join("`, `")),
            "key" => "  as a key".to_owned(),
            "file" => "whether it is there, or its name".to_owned(),
            _ => String::new(),
        };
        let place = format!("  {}{line}  {}{how}", self.artifact, self.path);
        let _ = writeln!(out, "{}", safe::line(place.trim_end()));
    }
}

/// Which nodes are meant: those of a subtree, and the maps and lists around it.
#[derive(Default)]
struct Meant {
    inside: BTreeSet<usize>,
    around: BTreeSet<usize>,
    /// Whether a map or a list has one of them in it, for those that were asked for.
    holding: RefCell<BTreeMap<usize, bool>>,
}

impl<'a> Ends<'a> {
    /// Of the templates that have to do with one of these values: what others make names none of them.
    pub(super) fn of(asked: &Asked<'a>, made: &Unjudged, values: &[&Arc<Tree>]) -> Self {
        let mut way = Vec::new();
        let ways: Vec<Vec<Arc<Tree>>> = values
            .iter()
            .map(|value| {
                way.clear();
                lead_to(&made.environment.root, value, &mut way);
                way.clone()
            })
            .collect();
        let concerns = |number: usize| {
            let reads = made.reads.get(number);
            reads.is_none_or(|reads| ways.iter().any(|way| reads.concern(way)))
        };
        let maps = asked.compiler.maps_of(&made.environment, concerns);
        let away = asked.compiler.away(&made.environment, concerns);
        let files: BTreeMap<&str, &File> = made.files.iter().map(|file| (file.path.as_str(), file)).collect();
        let artifacts = maps.into_iter().map(|(path, map)| {
            let file = files.get(path.as_str()).copied();
            let lines = file.and_then(|file| Lines::of(file, &asked.session.limits));
            let text = file.map(|file| String::from_utf8_lossy(&file.bytes).into_owned()).unwrap_or_default();
            (path, map, lines, text)
        });
        Self { artifacts: artifacts.collect(), away, sources: &asked.session.sources }
    }

    /// Where a value of the environment ends, or anything in it.
    pub(super) fn of_node(&self, root: &Arc<Tree>) -> Vec<End> {
        let mut meant = Meant::default();
        collect(root, &mut meant.inside);
        self.ends(&meant, &|_| false)
    }

    /// Where it matters that something is not there.
    pub(super) fn of_absent(&self, path: &Path, parent: &Arc<Tree>) -> Vec<End> {
        let meant = Meant { around: BTreeSet::from([address(parent)]), ..Meant::default() };
        let wanted = path.to_string();
        let parent = Arc::clone(parent);
        let asks = move |reason: &Reason| {
            reason.absent.iter().any(|absent| {
                Arc::ptr_eq(&absent.parent, &parent)
                    && wanted.ends_with(absent.path.rsplit('.').next().unwrap_or_default())
            })
        };
        self.ends(&meant, &asks)
    }

    fn ends(&self, meant: &Meant, asks: &dyn Fn(&Reason) -> bool) -> Vec<End> {
        let mut found = Vec::new();
        for (artifact, map, lines, text) in &self.artifacts {
            let end = |line: Option<u32>, path: String, how: &'static str, said: Option<&Said>| End {
                artifact: artifact.clone(),
                line,
                path,
                how,
                looks: None,
                through: said.iter().flat_map(|said| &said.through).map(ToString::to_string).collect(),
            };
            let decides = |reason: &&Reason| asks(reason) || meant.any(reason.sources.iter());
            let whole = map.whole(0);
            if whole.reasons.iter().any(|reason| decides(&reason)) || meant.any(whole.named_by.iter()) {
                found.push(end(None, String::new(), "file", None));
            }
            match map {
                ArtifactMap::Copy(..) => {}
                ArtifactMap::Documents(all) => {
                    for (number, origins) in all.iter().enumerate() {
                        let mut data: Option<&Path> = None;
                        let mut conditions: Option<&Path> = None;
                        for (path, said) in origins.iter() {
                            let line =
                                || lines.as_ref().and_then(|lines| lines.position(number, path)).map(|at| at.line);
                            let is_below =
                                |top: Option<&Path>| top.is_some_and(|top| path.steps().starts_with(top.steps()));
                            let how = if said.source.as_ref().is_some_and(|source| meant.has(source)) {
                                Some("value")
                            } else if meant.any(said.inputs.iter()) {
                                Some("part")
                            } else if meant.any(said.key_data()) {
                                Some("key")
                            } else {
                                None
                            };
                            if let Some(how) = how {
                                if !is_below(data) {
                                    found.push(end(line(), path.to_string(), how, Some(said)));
                                    data = (how == "value").then_some(path);
                                }
                            } else if !is_below(conditions) && origins.reasons(said).iter().any(decides) {
                                found.push(end(line(), path.to_string(), "condition", None));
                                conditions = Some(path);
                            }
                        }
                    }
                }
                ArtifactMap::Text(pieces) => {
                    let (mut at, mut number) = (0, 1);
                    for line in text.split_inclusive('\n') {
                        let range = at..at + line.len();
                        let said = pieces.at(&range);
                        if let Some(said) = said {
                            if meant.any(said.data()) {
                                found.push(end(Some(number), String::new(), "part", Some(&said)));
                            } else if pieces.reasons(&said).iter().any(decides) {
                                found.push(end(Some(number), String::new(), "condition", None));
                            }
                        }
                        (at, number) = (range.end, number + 1);
                    }
                }
            }
        }
        found.sort_by(|a, b| (&a.artifact, a.line).cmp(&(&b.artifact, b.line)));
        let decides = |reason: &&Reason| asks(reason) || meant.any(reason.sources.iter());
        let mut absent = BTreeSet::new();
        for reason in self.away.iter().filter(decides) {
            absent.extend(self.place(reason).map(|looks| (String::new(), looks)));
        }
        for (artifact, map, ..) in &self.artifacts {
            let bare = map.bare().into_iter().filter(decides);
            absent.extend(bare.filter_map(|reason| Some((artifact.clone(), self.place(reason)?))));
        }
        found.extend(absent.into_iter().map(|(artifact, looks)| End::absence(artifact, looks)));
        found
    }

    /// Where a template looks at something.
    fn place(&self, reason: &Reason) -> Option<String> {
        let span = reason.places.first()?;
        let source = self.sources.get(span.file);
        let at = source.position(span.start);
        Some(format!("{}:{}:{}", source.path(), at.line, at.column))
    }
}

impl Meant {
    fn has(&self, source: &Source) -> bool {
        self.inside.contains(&address(&source.tree))
            || (source.is_shape && self.around.contains(&address(&source.tree)))
    }

    fn any<'s>(&self, mut sources: impl Iterator<Item = &'s Source>) -> bool {
        sources.any(|source| self.has(source) || (!source.is_shape && self.is_in(&source.tree)))
    }

    /// Whether a map or a list that is named as a whole has one of the nodes in it.
    fn is_in(&self, tree: &Arc<Tree>) -> bool {
        let holds = |it: &Arc<Tree>| self.inside.contains(&address(it)) || self.is_in(it);
        let search = || match &tree.content {
            Content::Map(entries) => entries.values().any(holds),
            Content::List(items) => items.iter().any(holds),
            _ => false,
        };
        if !matches!(tree.content, Content::Map(_) | Content::List(_)) {
            return false;
        }
        let known = self.holding.borrow().get(&address(tree)).copied();
        known.unwrap_or_else(|| {
            let found = search();
            self.holding.borrow_mut().insert(address(tree), found);
            found
        })
    }
}

/// The values from the root to one, both among them; none if it is not there.
fn lead_to(from: &Arc<Tree>, to: &Arc<Tree>, way: &mut Vec<Arc<Tree>>) -> bool {
    way.push(Arc::clone(from));
    let is_there = Arc::ptr_eq(from, to)
        || match &from.content {
            Content::Map(entries) => entries.values().any(|below| lead_to(below, to, way)),
            Content::List(items) => items.iter().any(|below| lead_to(below, to, way)),
            _ => false,
        };
    if !is_there {
        way.pop();
    }
    is_there
}

fn collect(tree: &Arc<Tree>, found: &mut BTreeSet<usize>) {
    found.insert(address(tree));
    match &tree.content {
        Content::Map(entries) => entries.values().for_each(|value| collect(value, found)),
        Content::List(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

fn address(tree: &Arc<Tree>) -> usize {
    Arc::as_ptr(tree).addr()
}
