//! The law of the map: change any leaf of an environment, and every place of the output that changes names it, as data or
//! as a condition.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::ops::Range;
use std::sync::Arc;

use platc::artifact::{Artifact, Body};
use platc::environment::Tree;
use platc::environment::load::Environment;
use platc::environment::reads::Reads;
use platc::finding::Findings;
use platc::pipeline::Compiler;
use platc::source::Sources;
use platc::template::{ArtifactMap, Said, Source};
use platc::value::Value;
use platc::yaml::path::Path;

use crate::change::{self, Changed};
use crate::project::with_project;

type Maps = BTreeMap<String, ArtifactMap>;

/// What came of changing leaves.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) leaves: usize,
    /// For which some change was allowed and rendered.
    pub(crate) moved: usize,
    pub(crate) places: usize,
    pub(crate) unnamed: Vec<String>,
    /// Places that name a leaf as data: those that some change has moved, and all.
    pub(crate) data: BTreeMap<(String, String), bool>,
}

/// The nodes from the root to a leaf.
fn nodes(root: &Arc<Tree>, path: &Path) -> Vec<Arc<Tree>> {
    let mut found = vec![Arc::clone(root)];
    for end in 1..=path.steps().len() {
        let path: Path = path.steps()[..end].iter().cloned().collect();
        let Some(node) = at(root, &path) else { break };
        found.push(node);
    }
    found
}

fn at(root: &Arc<Tree>, path: &Path) -> Option<Arc<Tree>> {
    use platc::yaml::path::Step;
    path.steps().iter().try_fold(Arc::clone(root), |tree, step| match step {
        Step::Key(key) => tree.get(key).cloned(),
        Step::Index(index) => tree.as_list()?.get(*index).cloned(),
        Step::Item(_) => None,
    })
}

/// Whether one of the nodes on the way to the leaf is named; the shape of a map or a list is about what is taken out.
fn names<'s>(mut sources: impl Iterator<Item = &'s Source>, way: &[Arc<Tree>], is_gone: bool) -> bool {
    sources.any(|source| {
        let place = way.iter().position(|node| Arc::ptr_eq(node, &source.tree));
        let Some(place) = place else { return false };
        // Of a map only the keys, or how many items a list has: its own leaf may have come or gone.
        let is_around = place + 1 < way.len();
        !(source.is_shape && is_around) || (is_gone && place + 2 == way.len())
    })
}

fn said_names(map: &ArtifactMap, document: usize, said: &Said, way: &[Arc<Tree>], is_gone: bool) -> bool {
    let reasons = map.reasons(document, said);
    names(said.data().chain(said.key_data()), way, is_gone)
        || names(reasons.iter().flat_map(|reason| &reason.sources), way, is_gone)
        || (is_gone && reasons.iter().flat_map(|reason| &reason.absent).any(|absent| is_parent(&absent.parent, way)))
}

fn is_parent(parent: &Arc<Tree>, way: &[Arc<Tree>]) -> bool {
    way.iter().any(|node| Arc::ptr_eq(node, parent))
}

fn whole_names(map: &ArtifactMap, way: &[Arc<Tree>], is_gone: bool) -> bool {
    let whole = map.whole(0);
    names(whole.named_by.iter(), way, is_gone)
        || names(whole.reasons.iter().flat_map(|reason| &reason.sources), way, is_gone)
        || whole.reasons.iter().flat_map(|reason| &reason.absent).any(|absent| is_parent(&absent.parent, way))
}

fn place_names(map: &ArtifactMap, document: usize, path: &Path, way: &[Arc<Tree>], is_gone: bool) -> bool {
    let ArtifactMap::Documents(all) = map else { return false };
    let Some(origins) = all.get(document) else { return false };
    let said = origins.at(path).or_else(|| origins.around(path));
    let own = said.is_some_and(|said| said_names(map, document, said, way, is_gone));
    // The path of a place is made of the keys around it.
    let mut around = path.clone();
    let mut by_key = false;
    while around.pop().is_some() {
        by_key |= origins.at(&around).is_some_and(|said| names(said.key_data(), way, is_gone));
    }
    own || by_key || whole_names(map, way, is_gone)
}

fn line_names(map: &ArtifactMap, line: &Range<usize>, way: &[Arc<Tree>], is_gone: bool) -> bool {
    let ArtifactMap::Text(text) = map else { return false };
    text.at(line).is_some_and(|said| said_names(map, 0, &said, way, is_gone)) || whole_names(map, way, is_gone)
}

fn lines(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut at = 0;
    let line = |line| {
        let start = at;
        at += str::len(line);
        (start..at, line)
    };
    text.split_inclusive('\n').map(line).collect()
}

/// Changes one leaf in all ways that the schema allows, and looks at what moves.
fn try_leaf(
    compiler: &Compiler<'_>,
    environment: &Environment,
    old: &[Artifact],
    (maps, readers): (&Maps, &Readers),
    leaf: &Path,
    tally: &mut Tally,
) {
    let way = nodes(&environment.root, leaf);
    let Some(node) = way.last() else { return };
    let (mut tried, mut moved) = (0, false);
    for other in change::others(node) {
        let root = change::replaced(&environment.root, leaf.steps(), other.as_ref());
        let changed = Environment { root, ..environment.clone() };
        if tried == 2 || !compiler.is_allowed(&changed) {
            continue;
        }
        let Some(new) = compiler.rendered(&changed) else { continue };
        (tried, moved) = (tried + 1, true);
        let is_gone = other.is_none();
        let new_way = nodes(&changed.root, leaf);
        let new_maps: std::cell::OnceCell<Maps> = std::cell::OnceCell::new();
        let names_path: BTreeSet<&str> = old.iter().chain(&new).map(|artifact| artifact.path.as_str()).collect();
        for path in names_path {
            let find = |all: &[Artifact]| all.iter().position(|artifact| artifact.path == path);
            let (before, after) = (find(old).map(|at| &old[at]), find(&new).map(|at| &new[at]));
            let mut note = |place: String, is_named: bool| {
                tally.places += 1;
                if !is_named {
                    let word = if is_gone { "taken out".to_owned() } else { format!("{:?}", other.as_ref().unwrap()) };
                    tally.unnamed.push(format!("{leaf} -> {word}: {path}: {place}"));
                }
            };
            let is_same = |a: &Artifact, b: &Artifact| match (&a.body, &b.body) {
                (Body::Documents(a), Body::Documents(b)) => a == b,
                (Body::Text(a), Body::Text(b)) => a == b,
                _ => true,
            };
            if before.is_some_and(|before| after.is_none_or(|after| !is_same(before, after))) {
                note("is not by a template that has read it".to_owned(), readers.have_read(path, &way));
            }
            let newly = || new_maps.get_or_init(|| compiler.maps(&changed).into_iter().collect());
            match (before, after) {
                (Some(before), Some(after)) => match (&before.body, &after.body) {
                    (Body::Documents(a), Body::Documents(b)) => {
                        for (i, j, it) in changed_in(a, b) {
                            match it {
                                Changed::Was(place) => {
                                    let is_named = place_names(&maps[path], i, &place, &way, is_gone);
                                    note(format!("{i}: was {place}"), is_named);
                                }
                                Changed::Is(place) => {
                                    let is_named = place_names(&newly()[path], j, &place, &new_way, is_gone);
                                    note(format!("{j}: is {place}"), is_named);
                                }
                            }
                        }
                    }
                    (Body::Text(a), Body::Text(b)) => {
                        let (a, b) = (lines(a), lines(b));
                        let texts = |lines: &[(Range<usize>, &'_ str)]| {
                            lines.iter().map(|(_, line)| line.to_string()).collect::<Vec<_>>()
                        };
                        let (old_lines, new_lines) = (texts(&a), texts(&b));
                        let old_lines: Vec<&str> = old_lines.iter().map(String::as_str).collect();
                        let new_lines: Vec<&str> = new_lines.iter().map(String::as_str).collect();
                        for pair in change::aligned(&old_lines, &new_lines) {
                            match pair {
                                (Some(i), Some(j)) if old_lines[i] == new_lines[j] => {}
                                (Some(i), _) => {
                                    note(format!("line {}", i + 1), line_names(&maps[path], &a[i].0, &way, is_gone));
                                }
                                (None, Some(j)) => {
                                    let is_named = line_names(&newly()[path], &b[j].0, &new_way, is_gone);
                                    note(format!("new line {}", j + 1), is_named);
                                }
                                (None, None) => {}
                            }
                        }
                    }
                    _ => note("other kind".to_owned(), false),
                },
                (Some(_), None) => note("gone".to_owned(), whole_names(&maps[path], &way, is_gone)),
                (None, Some(_)) => note("new".to_owned(), whole_names(&newly()[path], &new_way, is_gone)),
                (None, None) => {}
            }
            moves(maps, path, before, after, leaf, node, tally);
        }
    }
    tally.leaves += 1;
    tally.moved += usize::from(moved);
}

/// Notes which places that name the leaf as data have moved.
fn moves(
    maps: &Maps,
    path: &str,
    before: Option<&Artifact>,
    after: Option<&Artifact>,
    leaf: &Path,
    node: &Arc<Tree>,
    tally: &mut Tally,
) {
    let Some(ArtifactMap::Documents(all)) = maps.get(path) else { return };
    let (Some(Body::Documents(old)), new) = (before.map(|it| &it.body), after.map(|it| &it.body)) else { return };
    let changed = match new {
        Some(Body::Documents(new)) => changed_in(old, new),
        _ => (0..old.len()).map(|number| (number, 0, Changed::Was(Path::root()))).collect(),
    };
    for (number, origins) in all.iter().enumerate() {
        for (place, said) in origins.iter() {
            let is_named = said.data().any(|it| Arc::ptr_eq(&it.tree, node) && !it.is_shape && !it.is_key);
            if !is_named {
                continue;
            }
            let has_moved = changed.iter().any(|(document, _, changed)| {
                let Changed::Was(was) = changed else { return false };
                *document == number && place.steps().starts_with(was.steps())
            });
            *tally.data.entry((leaf.to_string(), format!("{path}: {number}: {place}"))).or_default() |= has_moved;
        }
    }
}

/// What changed in the documents of a file, with their numbers before and after. Of one that is new or gone each part is.
fn changed_in(old: &[Value], new: &[Value]) -> Vec<(usize, usize, Changed)> {
    let mut found = Vec::new();
    let tops = |value: &Value| -> Vec<Path> {
        match value {
            Value::Map(entries) => entries.iter().map(|(key, _)| Path::root().key(key)).collect(),
            _ => Vec::new(),
        }
    };
    for pair in change::aligned(old, new) {
        match pair {
            (Some(i), Some(j)) => found.extend(change::changed(&old[i], &new[j]).into_iter().map(|it| (i, j, it))),
            (Some(i), None) => found.extend(tops(&old[i]).into_iter().map(|path| (i, 0, Changed::Was(path)))),
            (None, Some(j)) => found.extend(tops(&new[j]).into_iter().map(|path| (0, j, Changed::Is(path)))),
            (None, None) => {}
        }
    }
    found
}

/// Every so many leaves of an environment; all under `PLATC_TEST_FULL`.
fn hold(root: &str, names: &[&str], every: usize) {
    let every = if std::env::var_os("PLATC_TEST_FULL").is_some() { 1 } else { every };
    with_project(root, names, |compiler, _: &Sources, environment| {
        let tally = tallied(compiler, &environment, every).unwrap();
        report(&environment.name, &tally);
    });
}

/// Every so many leaves of an environment, changed. `None` if it cannot be rendered as it is.
pub(crate) fn tallied(compiler: &Compiler<'_>, environment: &Environment, every: usize) -> Option<Tally> {
    let old = compiler.rendered(environment)?;
    let maps: Maps = compiler.maps(environment).into_iter().collect();
    for artifact in &old {
        let map = maps.get(artifact.path.as_str()).unwrap_or_else(|| panic!("{} has no map", artifact.path));
        complete(artifact, map);
    }
    let mut tally = Tally::default();
    let leaves: Vec<Path> = change::leaves(&environment.root).into_iter().skip(every / 2).step_by(every).collect();
    let readers = Readers::of(compiler, environment);
    for leaf in &leaves {
        try_leaf(compiler, environment, &old, (&maps, &readers), leaf, &mut tally);
    }
    Some(tally)
}

/// What each template makes, by paths, and what it has read.
struct Readers(Vec<(BTreeSet<String>, Arc<Reads>)>);

impl Readers {
    fn of(compiler: &Compiler<'_>, environment: &Environment) -> Self {
        let made = compiler.unjudged_noting(environment.clone(), true, &mut Findings::default()).unwrap();
        let of_template = |number| compiler.maps_of(environment, |it| it == number).into_iter().map(|(path, _)| path);
        let all = made.reads.into_iter().enumerate();
        Self(all.map(|(number, reads)| (of_template(number).collect(), reads)).collect())
    }

    /// Whoever asks only those templates that have read a leaf misses nothing that it changes.
    fn have_read(&self, path: &str, way: &[Arc<Tree>]) -> bool {
        self.0.iter().any(|(all, reads)| all.contains(path) && reads.concern(way))
    }
}

/// All places of a value, the outer ones first.
fn walk(value: &Value, path: &Path, look: &mut dyn FnMut(&Path)) {
    use platc::value::Value;
    use platc::yaml::path::Step;
    look(path);
    match value {
        Value::Map(entries) => entries.iter().for_each(|(key, value)| walk(value, &path.key(key), look)),
        Value::List(items) => {
            items.iter().enumerate().for_each(|(at, it)| walk(it, &path.join(Step::Index(at)), look));
        }
        _ => {}
    }
}

/// Every place of an artifact is on its map.
fn complete(artifact: &Artifact, map: &ArtifactMap) {
    match (&artifact.body, map) {
        (Body::Documents(values), ArtifactMap::Documents(all)) => {
            assert_eq!(values.len(), all.len(), "{}", artifact.path);
            let mut missing = Vec::new();
            for (value, origins) in values.iter().zip(all) {
                walk(value, &Path::root(), &mut |path| {
                    if !path.is_root() && origins.at(path).is_none() {
                        missing.push(path.to_string());
                    }
                });
            }
            assert!(missing.is_empty(), "{}: not on the map: {missing:?}", artifact.path);
        }
        (Body::Text(text), ArtifactMap::Text(map)) => assert_eq!(&map.text(), text, "{}", artifact.path),
        _ => panic!("{}: another kind of map", artifact.path),
    }
}

fn report(name: &str, tally: &Tally) {
    let Tally { leaves, moved, places, unnamed, data } = tally;
    let still: Vec<_> =
        data.iter().filter(|(_, moved)| !**moved).map(|((leaf, place), _)| format!("{leaf}: {place}")).collect();
    let mut out = format!(
        "{name}: {moved} of {leaves} leaves, {places} places changed, {} data of which {} stood still\n",
        data.len(),
        still.len()
    );
    for line in unnamed.iter().take(40) {
        let _ = writeln!(out, "  unnamed: {line}");
    }
    for line in still.iter().take(40) {
        let _ = writeln!(out, "  still: {line}");
    }
    assert!(unnamed.is_empty(), "{} places that changed do not name the leaf\n{out}", unnamed.len());
    assert!(
        still.len() * 20 <= data.len(),
        "more than one in twenty places that name a leaf as data stand still\n{out}"
    );
}

#[test]
fn in_every_environment_what_changes_names_the_leaf() {
    hold(".", &["prod"], 61);
    hold(".", &["dev", "staging"], 97);
}

#[test]
fn in_every_example_what_changes_names_the_leaf() {
    for name in ["alloy", "arm64-nodes", "flux", "gpu-nodes", "own-component", "second-region"] {
        hold(".", &[name], 211);
    }
    for (root, every) in [("examples/minimal", 1), ("examples/app", 3)] {
        hold(root, &[], every);
    }
}
