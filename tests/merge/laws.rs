//! What holds for all layers: generated ones, whose kinds of values agree from layer to layer, are written as YAML, read
//! as the program reads them, and compared with a merge on plain values that is written down a second time here.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use camino::Utf8Path;
use platc::disk::{self, Disk, Memory, ReadError};
use platc::environment::layer::Layer;
use platc::environment::load::Loader;
use platc::environment::merge::Merge;
use platc::environment::patch::{Kind, Patch};
use platc::environment::place::Place;
use platc::environment::redundant::{Trimmed, Trimmer};
use platc::environment::{Content, Origin, Tree};
use platc::finding::{Finding, Findings};
use platc::limits::Limits;
use platc::project::{Entry, Project};
use platc::schema::Schema;
use platc::source::Sources;
use platc::yaml;
use proptest::prelude::*;

/// The kind of a value follows from the first letter of its key, so that layers do not disagree on it.
const SCHEMA: &str = r##"
$defs:
  node:
    type: object
    properties:
      m1: {$ref: "#/$defs/node"}
      m2: {$ref: "#/$defs/node"}
      s1: {type: string}
      s2: {type: integer}
      l1: {type: array, items: {type: integer}}
      u1: {type: array, x-kubernetes-list-type: set, items: {type: integer}}
      k1: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name], items: {$ref: "#/$defs/node"}}
$ref: "#/$defs/node"
"##;

/// What a layer says under a key.
#[derive(Clone, Debug)]
enum Says {
    Scalar(u8),
    List(Vec<u8>),
    Set { replace: bool, items: Vec<(u8, bool)> },
    Map { replace: bool, entries: Entries },
    Keyed { replace: bool, items: Vec<(u8, Item)> },
    Null,
    PatchDelete,
}

#[derive(Clone, Debug)]
enum Item {
    Delete,
    Map { replace: bool, entries: Entries },
}

type Entries = Vec<(&'static str, Says)>;

fn entries(depth: u32) -> BoxedStrategy<Entries> {
    let small = || 0..3_u8;
    let mut keys = vec![
        ("s1", small().prop_map(Says::Scalar).boxed()),
        ("s2", small().prop_map(Says::Scalar).boxed()),
        ("l1", prop::collection::vec(small(), 0..3).prop_map(Says::List).boxed()),
        ("u1", set().boxed()),
    ];
    if depth > 0 {
        let map = (prop::bool::weighted(0.15), entries(depth - 1))
            .prop_map(|(replace, entries)| Says::Map { replace, entries })
            .boxed();
        keys.extend([("m1", map.clone()), ("m2", map), ("k1", keyed(depth - 1).boxed())]);
    }
    let optional = keys.into_iter().map(|(key, value)| {
        let value = prop_oneof![4 => value, 1 => Just(Says::Null), 1 => Just(if key.starts_with('m') { Says::PatchDelete } else { Says::Null })];
        prop::option::of(value).prop_map(move |value| value.map(|value| (key, value)))
    });
    let shuffled = optional.collect::<Vec<_>>().prop_shuffle();
    shuffled.prop_map(|entries| entries.into_iter().flatten().collect()).boxed()
}

fn set() -> impl Strategy<Value = Says> {
    let items = prop::collection::vec((0..4_u8, prop::bool::weighted(0.2)), 0..4);
    (prop::bool::weighted(0.15), items).prop_map(|(replace, items)| {
        let mut seen = BTreeSet::new();
        Says::Set { replace, items: items.into_iter().filter(|(item, _)| seen.insert(*item)).collect() }
    })
}

fn keyed(depth: u32) -> impl Strategy<Value = Says> {
    let item = prop_oneof![
        1 => Just(Item::Delete),
        4 => (prop::bool::weighted(0.2), entries(depth)).prop_map(|(replace, entries)| Item::Map { replace, entries }),
    ];
    let items = prop::collection::vec((0..4_u8, item), 0..4);
    (prop::bool::weighted(0.15), items).prop_map(|(replace, items)| {
        let mut seen = BTreeSet::new();
        Says::Keyed { replace, items: items.into_iter().filter(|(name, _)| seen.insert(*name)).collect() }
    })
}

fn layer() -> impl Strategy<Value = Entries> {
    entries(2)
}

fn without_deletes(entries: Entries) -> Entries {
    let kept = entries.into_iter().filter_map(|(key, says)| {
        let says = match says {
            Says::Null | Says::PatchDelete => return None,
            Says::Scalar(_) | Says::List(_) => says,
            Says::Set { replace, items } => {
                Says::Set { replace, items: items.into_iter().filter(|(_, delete)| !delete).collect() }
            }
            Says::Map { replace, entries } => Says::Map { replace, entries: without_deletes(entries) },
            Says::Keyed { replace, items } => {
                let items = items.into_iter().filter_map(|(name, item)| match item {
                    Item::Delete => None,
                    Item::Map { replace, entries } => {
                        Some((name, Item::Map { replace, entries: without_deletes(entries) }))
                    }
                });
                Says::Keyed { replace, items: items.collect() }
            }
        };
        Some((key, says))
    });
    kept.collect()
}

/// The layer in YAML's flow style, one root key a line.
fn written(entries: &Entries) -> String {
    let lines = entries.iter().map(|(key, says)| format!("{key}: {}\n", flow(says)));
    lines.collect()
}

fn flow(says: &Says) -> String {
    match says {
        Says::Scalar(value) => value.to_string(),
        Says::List(items) => format!("{items:?}"),
        Says::Null => "null".to_owned(),
        Says::PatchDelete => "{$patch: delete}".to_owned(),
        Says::Map { replace, entries } => flow_map(None, *replace, entries),
        Says::Set { replace, items } => flow_list(
            *replace,
            items.iter().map(
                |(item, delete)| {
                    if *delete { format!("{{$patch: delete, value: {item}}}") } else { item.to_string() }
                },
            ),
        ),
        Says::Keyed { replace, items } => flow_list(
            *replace,
            items.iter().map(|(name, item)| match item {
                Item::Delete => format!("{{$patch: delete, name: n{name}}}"),
                Item::Map { replace, entries } => flow_map(Some(*name), *replace, entries),
            }),
        ),
    }
}

fn flow_list(replace: bool, items: impl Iterator<Item = String>) -> String {
    let head = replace.then(|| "{$patch: replace}".to_owned());
    format!("[{}]", head.into_iter().chain(items).collect::<Vec<_>>().join(", "))
}

fn flow_map(name: Option<u8>, replace: bool, entries: &Entries) -> String {
    let name = name.map(|name| format!("name: n{name}"));
    let patch = replace.then(|| "$patch: replace".to_owned());
    let rest = entries.iter().map(|(key, says)| format!("{key}: {}", flow(says)));
    format!("{{{}}}", name.into_iter().chain(patch).chain(rest).collect::<Vec<_>>().join(", "))
}

/// A plain value, as the second merge sees it.
#[derive(Clone, Debug, PartialEq)]
enum Plain {
    Scalar(u8),
    List(Vec<u8>),
    Map(Vec<(String, Plain)>),
}

/// The second merge: straight from the rules, without types, places, sharing or speed.
fn plain_merge(below: Option<Plain>, says: &Says) -> Option<Plain> {
    let entries_of = |below: Option<Plain>, replace: bool| match below {
        Some(Plain::Map(entries)) if !replace => entries,
        _ => Vec::new(),
    };
    match says {
        Says::Null | Says::PatchDelete => None,
        Says::Scalar(value) => Some(Plain::Scalar(*value)),
        Says::List(items) => Some(Plain::List(items.clone())),
        Says::Set { replace, items } => {
            let mut list = match below {
                Some(Plain::List(list)) if !replace => list,
                _ => Vec::new(),
            };
            for (item, delete) in items {
                if *delete {
                    list.retain(|other| other != item);
                } else if !list.contains(item) {
                    list.push(*item);
                }
            }
            Some(Plain::List(list))
        }
        Says::Map { replace, entries } => Some(plain_map(entries_of(below, *replace), entries)),
        Says::Keyed { replace, items } => {
            let mut list = entries_of(below, *replace);
            for (name, item) in items {
                let name = format!("n{name}");
                let says = match item {
                    Item::Delete => Says::Null,
                    Item::Map { replace, entries } => Says::Map { replace: *replace, entries: entries.clone() },
                };
                plain_set(&mut list, &name, &says);
            }
            Some(Plain::Map(list))
        }
    }
}

fn plain_map(mut below: Vec<(String, Plain)>, entries: &Entries) -> Plain {
    for (key, says) in entries {
        plain_set(&mut below, key, says);
    }
    Plain::Map(below)
}

fn plain_set(entries: &mut Vec<(String, Plain)>, key: &str, says: &Says) {
    let at = entries.iter().position(|(other, _)| other == key);
    match (at, plain_merge(at.map(|at| entries[at].1.clone()), says)) {
        (Some(at), Some(value)) => entries[at].1 = value,
        (Some(at), None) => drop(entries.remove(at)),
        (None, Some(value)) => entries.push((key.to_owned(), value)),
        (None, None) => {}
    }
}

/// The program's tree as a plain value: items of keyed lists by their name.
fn plain(tree: &Tree) -> Plain {
    match &tree.content {
        Content::String(text) => Plain::Scalar(text.parse().unwrap()),
        Content::Number(number) => Plain::Scalar(number.to_string().parse().unwrap()),
        Content::List(items) if items.iter().all(|item| item.kind() == Kind::Map) && !items.is_empty() => {
            let named = items.iter().map(|item| {
                let Plain::Map(mut entries) = plain_item(item) else { unreachable!() };
                entries.retain(|(key, _)| key != "name");
                let Some(Content::String(name)) = item.get("name").map(|name| &name.content) else { unreachable!() };
                (name.to_string(), Plain::Map(entries))
            });
            Plain::Map(named.collect())
        }
        Content::List(items) => {
            let items = items.iter().map(|item| match plain(item) {
                Plain::Scalar(value) => value,
                other => panic!("{other:?} in a list"),
            });
            Plain::List(items.collect())
        }
        Content::Map(_) => plain_item(tree),
        other => panic!("{other:?}"),
    }
}

fn plain_item(tree: &Tree) -> Plain {
    let entries = tree.as_map().unwrap().iter().filter(|(key, _)| &***key != "name");
    Plain::Map(entries.map(|(key, value)| (key.to_string(), plain(value))).collect())
}

/// An empty keyed list looks like any other empty list.
fn normal(plain: Plain) -> Plain {
    match plain {
        Plain::List(items) if items.is_empty() => Plain::Map(Vec::new()),
        Plain::Map(entries) => Plain::Map(entries.into_iter().map(|(key, value)| (key, normal(value))).collect()),
        other => other,
    }
}

/// Layers read by the program.
struct Layers {
    sources: Sources,
    layers: Vec<Layer>,
}

impl Layers {
    fn read(texts: &[String]) -> Self {
        let (sources, limits) = (Sources::default(), Limits::default());
        let disk = Memory::default().file("schema.yaml", SCHEMA);
        let disk =
            texts.iter().enumerate().fold(disk, |disk, (n, text)| disk.file(&format!("{n}.yaml"), text.as_str()));
        let mut findings = Findings::default();
        let schema = Schema::load(&disk, Utf8Path::new("schema.yaml"), &sources, &limits, &mut findings);
        let Some(schema) = schema else { panic!("{findings:?}") };
        let read = |n: usize| {
            let path = format!("{n}.yaml");
            let layer = Layer::read(Utf8Path::new(&path), schema.shape(), &disk, &sources, &limits);
            layer.unwrap_or_else(|absent| panic!("{absent:?}"))
        };
        let layers = (0..texts.len()).map(read).collect();
        Self { sources, layers }
    }

    fn of(layers: &[Entries]) -> Self {
        Self::read(&layers.iter().map(written).collect::<Vec<_>>())
    }

    fn patch(&self, n: usize) -> &Patch {
        &self.layers[n].patch
    }

    /// All layers, one over the other, and what was found.
    fn merged(&self) -> (Arc<Tree>, Findings) {
        let mut findings = Findings::default();
        let mut tree = None;
        for layer in &self.layers {
            tree = Merge::new(&mut findings).over(tree.as_ref(), &layer.patch, &Place::ROOT);
        }
        (tree.unwrap(), findings)
    }
}

fn over(base: Option<&Arc<Tree>>, patch: &Patch) -> Arc<Tree> {
    Merge::new(&mut Findings::default()).over(base, patch, &Place::ROOT).unwrap()
}

fn then(lower: &Patch, upper: &Patch) -> Patch {
    Merge::new(&mut Findings::default()).then(lower, upper, &Place::ROOT)
}

/// All of a tree: values, order, and the history of each node.
fn everything(tree: &Tree, sources: &Sources) -> String {
    fn write(tree: &Tree, at: &Place<'_>, sources: &Sources, text: &mut String) {
        let history: Vec<_> = tree.history().map(|origin| sources.locate(origin.value)).collect();
        let history = history.join(" < ");
        match &tree.content {
            Content::List(items) => {
                writeln!(text, "{at} list {history}").unwrap();
                items.iter().enumerate().for_each(|(index, item)| write(item, &at.index(index), sources, text));
            }
            Content::Map(entries) => {
                writeln!(text, "{at} map {history}").unwrap();
                entries.iter().for_each(|(key, value)| write(value, &at.key(key), sources, text));
            }
            scalar => writeln!(text, "{at} {scalar:?} {history}").unwrap(),
        }
    }
    let mut text = String::new();
    write(tree, &Place::ROOT, sources, &mut text);
    text
}

fn all_nodes<'a>(tree: &'a Tree, key: Option<&'a str>, nodes: &mut Vec<(Option<&'a str>, &'a Tree)>) {
    nodes.push((key, tree));
    match &tree.content {
        Content::List(items) => items.iter().for_each(|item| all_nodes(item, None, nodes)),
        Content::Map(entries) => entries.iter().for_each(|(key, value)| all_nodes(value, Some(key), nodes)),
        _ => {}
    }
}

/// Whether the place holds what the tree says: the key, and a text that reads as this value.
fn holds(origin: Origin, key: Option<&str>, tree: Option<&Tree>, sources: &Sources) {
    assert_eq!(origin.key.map(|span| sources.slice(span)).as_deref(), key);
    let Some(tree) = tree else { return };
    let text = sources.slice(origin.value);
    let mut findings = Findings::default();
    let node = yaml::read::read_text(&text, origin.value.file, &Limits::default(), &mut findings);
    let read = node.unwrap_or_else(|| panic!("`{text}` is no YAML: {findings:?}"));
    match (&tree.content, &read.content) {
        (Content::List(_), yaml::Content::List(_)) | (Content::Map(_), yaml::Content::Map(_)) => {}
        (Content::String(value), yaml::Content::Scalar { text, .. }) => assert_eq!(value, text),
        (Content::Number(value), yaml::Content::Scalar { text, .. }) => assert_eq!(value.to_string(), **text),
        // The root of a layer that says nothing.
        (Content::Map(_), yaml::Content::Scalar { text, .. }) if text.is_empty() => {}
        (content, read) => panic!("{content:?} was read from {read:?}"),
    }
}

/// A comment behind each line.
fn commented(text: &str) -> String {
    text.lines().map(|line| format!("{line} # why\n")).collect()
}

/// A project of several environments, for what concerns them all.
struct Fleet;

impl Fleet {
    fn with<T>(disk: &Memory, work: impl FnOnce(&Sources, &Schema, &[Entry]) -> T) -> T {
        let (sources, limits, mut findings) = (Sources::default(), Limits::default(), Findings::default());
        let disk = disk.clone().file("platc.yaml", "").file("schemas/environment.schema.yaml", SCHEMA);
        let project = Project::load(&disk, &sources, &limits, &mut findings).unwrap();
        let schema = Schema::load(&disk, &project.config.schema, &sources, &limits, &mut findings).unwrap();
        work(&sources, &schema, &project.environments)
    }

    /// What every environment is, in order.
    fn load(disk: &Memory) -> Vec<String> {
        Self::with(disk, |sources, schema, all| {
            let limits = Limits::default();
            let loader = Loader::new(schema.shape(), disk, sources, &limits);
            let load = |entry: &Entry| loader.load(entry, None, &mut Findings::default()).unwrap();
            all.iter().map(|entry| format!("{:?}", plain_item(&load(entry).root))).collect()
        })
    }

    fn trimmed(disk: &Memory) -> Vec<Trimmed> {
        Self::with(disk, |sources, schema, all| {
            let limits = &Limits::default();
            Trimmer { shape: schema.shape(), disk, sources, limits, all }.run(all).unwrap()
        })
    }
}

/// Counts what is read through it.
struct Counting<'a>(&'a Memory, AtomicUsize);

impl Disk for Counting<'_> {
    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, ReadError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.read(path, limit)
    }

    fn list(&self, path: &Utf8Path) -> Result<Vec<disk::Entry>, ReadError> {
        self.0.list(path)
    }
}

/// Each try loads all environments, so there are no more tries where there are more of them: not one for each file, neither
/// where all can be trimmed nor where none can.
#[test]
fn trimming_many_environments_reads_each_a_few_times() {
    const MANY: usize = 120;
    let base = Memory::default().file("environments/base/a.yaml", "s1: x\n");
    let disk =
        (0..MANY).fold(base, |disk, at| disk.file(&format!("environments/e{at}.yaml"), "extends: [base]\ns1: x\n"));
    Fleet::with(&disk, |sources, schema, all| {
        let (limits, counting) = (&Limits::default(), Counting(&disk, AtomicUsize::new(0)));
        let trimmer = Trimmer { shape: schema.shape(), disk: &counting, sources, limits, all };
        assert_eq!(trimmer.run(all).unwrap().len(), MANY);
        let read = counting.1.load(Ordering::Relaxed);
        assert!(read <= 12 * MANY, "{read} files read");
    });
}

fn config() -> ProptestConfig {
    let full = std::env::var_os("PLATC_TEST_FULL").is_some();
    ProptestConfig { cases: if full { 5_000 } else { 100 }, failure_persistence: None, ..ProptestConfig::default() }
}

/// Deletes that hit nothing, and where.
fn places(findings: &Findings, sources: &Sources) -> BTreeSet<String> {
    let missed = findings.iter().filter(|finding| finding.rule.id == "merge/delete-nothing");
    missed.map(|finding| sources.locate(finding.primary.span)).collect()
}

fn rules(findings: &Findings) -> BTreeSet<&'static str> {
    findings.iter().map(|finding: &Finding| finding.rule.id).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_rules_written_twice_agree(layers in prop::collection::vec(layer(), 1..5)) {
        let (tree, _) = Layers::of(&layers).merged();
        let expected = layers.iter().fold(Plain::Map(Vec::new()), |below, layer| {
            let Plain::Map(below) = below else { unreachable!() };
            plain_map(below, layer)
        });
        prop_assert_eq!(normal(plain_item(&tree)), normal(expected));
    }

    #[test]
    fn an_empty_layer_changes_nothing(layer in layer()) {
        let layers = Layers::read(&[String::new(), written(&layer), String::new()]);
        let alone = over(None, layers.patch(1));
        let (between, _) = layers.merged();
        // The root has been in three files; all below it is as it was.
        let below = |tree: &Tree| everything(tree, &layers.sources).split_once('\n').unwrap().1.to_owned();
        prop_assert_eq!(below(&alone), below(&between));
    }

    #[test]
    fn layers_merge_with_each_other_first_or_last(layers in prop::array::uniform4(layer())) {
        let layers = Layers::of(&layers);
        let [a, b, c, d] = [0, 1, 2, 3].map(|n| layers.patch(n));
        let one_by_one = everything(&layers.merged().0, &layers.sources);
        let base = over(None, a);
        let ways = [
            over(None, &then(&then(&then(a, b), c), d)),
            over(None, &then(a, &then(b, &then(c, d)))),
            over(None, &then(&then(a, b), &then(c, d))),
            over(Some(&base), &then(&then(b, c), d)),
            over(Some(&base), &then(b, &then(c, d))),
            over(Some(&over(Some(&base), b)), &then(c, d)),
        ];
        for (way, tree) in ways.iter().enumerate() {
            prop_assert_eq!(&everything(tree, &layers.sources), &one_by_one, "way {}", way);
        }
    }

    #[test]
    fn no_way_of_merging_finds_more_than_another(layers in prop::array::uniform3(layer())) {
        let layers = Layers::of(&layers);
        let (_, one_by_one) = layers.merged();
        let mut together = Findings::default();
        let mut merge = Merge::new(&mut together);
        let upper = merge.then(layers.patch(1), layers.patch(2), &Place::ROOT);
        let base = merge.over(None, layers.patch(0), &Place::ROOT);
        merge.over(base.as_ref(), &upper, &Place::ROOT);
        // A delete that misses, in a map that a later layer deletes whole, is not seen when those two merge first.
        prop_assert!(places(&together, &layers.sources).is_subset(&places(&one_by_one, &layers.sources)));
    }

    #[test]
    fn the_same_layers_give_the_same_tree_and_findings(layers in prop::collection::vec(layer(), 1..4)) {
        let once = || {
            let layers = Layers::of(&layers);
            let (tree, findings) = layers.merged();
            (everything(&tree, &layers.sources), format!("{:?}", findings.sorted(&layers.sources)))
        };
        let other = std::thread::scope(|scope| scope.spawn(once).join().unwrap());
        prop_assert_eq!(once(), other);
    }

    #[test]
    fn every_value_stands_where_it_says(layers in prop::collection::vec(layer(), 1..5)) {
        let layers = Layers::of(&layers);
        let (tree, _) = layers.merged();
        let mut nodes = Vec::new();
        all_nodes(&tree, None, &mut nodes);
        for (key, node) in nodes {
            holds(node.origin, key, Some(node), &layers.sources);
            for origin in &node.overrode {
                holds(*origin, key, None, &layers.sources);
            }
            // From the nearest layer to the farthest: no place twice, and never back to a nearer one.
            let files: Vec<_> = node.history().map(|origin| layers.sources.get(origin.value.file).path().to_owned()).collect();
            prop_assert!(files.is_sorted_by(|nearer, farther| nearer > farther), "{:?}", files);
        }
    }

    #[test]
    fn a_layer_over_itself_is_redundant(layer in layer()) {
        let text = written(&without_deletes(layer));
        let layers = Layers::read(&[text.clone(), text]);
        let once = over(None, layers.patch(0));
        let (twice, findings) = layers.merged();
        prop_assert!(once.is_same_as(&twice));
        prop_assert!(rules(&findings).is_subset(&BTreeSet::from(["merge/redundant", "merge/replace-nothing"])), "{findings:?}");
    }

    #[test]
    fn the_files_of_a_layer_are_a_union(layer in layer(), cut in any::<prop::sample::Index>()) {
        let (first, second) = layer.split_at(cut.index(layer.len() + 1));
        let disk = Memory::default()
            .file("schema.yaml", SCHEMA)
            .file("one/a.yaml", written(&layer))
            .file("two/a.yaml", written(&first.to_vec()))
            .file("two/b.yaml", written(&second.to_vec()));
        let (sources, limits, mut findings) = (Sources::default(), Limits::default(), Findings::default());
        let schema = Schema::load(&disk, Utf8Path::new("schema.yaml"), &sources, &limits, &mut findings).unwrap();
        let read = |path: &str| Layer::read(Utf8Path::new(path), schema.shape(), &disk, &sources, &limits).unwrap();
        let (one, two) = (read("one"), read("two"));
        prop_assert_eq!(rules(&one.findings), rules(&two.findings));
        prop_assert_eq!(plain_item(&over(None, &one.patch)), plain_item(&over(None, &two.patch)));
    }
}

proptest! {
    // Each case reads a project many times.
    #![proptest_config(ProptestConfig { cases: config().cases.div_ceil(10).max(50), ..config() })]

    #[test]
    fn what_is_redundant_is_taken_out_without_changing_anything(layers in prop::array::uniform3(layer())) {
        let [base, middle, top] = layers.map(|layer| commented(&written(&without_deletes(layer))));
        let disk = Memory::default()
            .file("environments/base/a.yaml", base)
            .file("environments/middle/a.yaml", format!("extends: [../base]\n{middle}"))
            .file("environments/dev/environment.yaml", format!("extends: [../base]\n{middle}"))
            .file("environments/prod/environment.yaml", format!("extends: [../middle] # why\n{top}"));
        let (before, trimmed) = (Fleet::load(&disk), Fleet::trimmed(&disk));
        let mut after = disk.clone();
        for file in &trimmed {
            let old = String::from_utf8(disk.read(&file.path, 1 << 20).unwrap()).unwrap();
            prop_assert_eq!(old.matches('#').count(), file.text.matches('#').count(), "{}\n---\n{}", old, file.text);
            prop_assert!(!file.removed.is_empty());
            after = after.file(file.path.as_str(), file.text.as_str());
        }
        prop_assert_eq!(before, Fleet::load(&after));
        prop_assert_eq!(Fleet::trimmed(&after).len(), 0);
    }
}
