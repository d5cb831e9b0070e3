//! Edits on texts as people write them, and the laws of all edits on generated ones.

use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::finding::Findings;
use crate::limits::Limits;
use crate::source::Sources;
use crate::yaml::{self, Style};

fn read(text: &str) -> Node {
    let sources = Sources::default();
    let file = sources.add("a.yaml", text);
    let mut findings = Findings::default();
    let root = yaml::read::read(&sources, file, &Limits::default(), &mut findings);
    assert!(!findings.has_errors(), "{text}\n{:?}", findings.iter().map(|it| &it.message).collect::<Vec<_>>());
    root.unwrap()
}

fn text(value: &str) -> Draft {
    Draft::Text { text: value.into(), plain: true }
}

fn word(value: &str) -> Draft {
    Draft::Word(value.into())
}

fn keys(path: &str) -> Vec<Step> {
    if path.is_empty() { Vec::new() } else { path.parse::<super::super::path::Path>().unwrap().steps().to_vec() }
}

fn replaced(before: &str, path: &str, draft: &Draft) -> String {
    let root = read(before);
    spliced(before, &Editor::new(before, &root).replace(&keys(path), draft).unwrap())
}

fn inserted(before: &str, map: &str, behind: Option<&str>, key: &str, draft: &Draft) -> String {
    let root = read(before);
    spliced(before, &Editor::new(before, &root).insert_entry(&keys(map), behind, key, draft).unwrap())
}

fn added(before: &str, list: &str, draft: &Draft) -> String {
    let root = read(before);
    spliced(before, &Editor::new(before, &root).insert_item(&keys(list), draft).unwrap())
}

fn list(items: &[&str]) -> Draft {
    Draft::List(items.iter().map(|item| text(item)).collect())
}

#[test]
fn a_scalar_takes_the_place_of_another_in_its_quotes() {
    assert_eq!(replaced("a: \"1.35\" # x\n", "a", &text("1.36")), "a: \"1.36\" # x\n");
    assert_eq!(replaced("a: 'it''s'\n", "a", &text("o'clock")), "a: 'o''clock'\n");
    assert_eq!(replaced("a: 1.35\r\nb: 2\r\n", "a", &text("1.36")), "a: 1.36\r\nb: 2\r\n");
    assert_eq!(replaced("a: eu\n", "a", &text("yes")), "a: \"yes\"\n");
    assert_eq!(replaced("a: \"b\"", "a", &word("3")), "a: 3");
    assert_eq!(replaced("m: {a: 1, b: 'x'}\n", "m.b", &text("y")), "m: {a: 1, b: 'y'}\n");
    assert_eq!(replaced("l: [a, 'b']\n", "l[1]", &text("c")), "l: [a, 'c']\n");
    assert_eq!(replaced("l:\n  - a # x\n  - b\n", "l[0]", &text("c")), "l:\n  - c # x\n  - b\n");
    assert_eq!(replaced("a: |\n  x\n  y\nb: 1\n", "a", &text("z")), "a: z\nb: 1\n");
    assert_eq!(replaced("a: x # why\nb: 1\n", "a", &text("x\ny\n")), "a: |\n  x\n  y # why\nb: 1\n");
}

#[test]
fn collections_take_the_place_of_others() {
    assert_eq!(replaced("a: # why\n  - x\n  - y # z\nb: 1\n", "a", &list(&["u"])), "a: # why\n  - u\nb: 1\n");
    assert_eq!(replaced("a: [x, y] # why\n", "a", &list(&["u", "v"])), "a: [u, v] # why\n");
    assert_eq!(replaced("a: 1 # why\nb:\n- x\n", "a", &list(&["u"])), "a: # why\n- u\nb:\n- x\n");
    assert_eq!(replaced("a:\n    b: 1\nc: 2\n", "a", &word("3")), "a: 3\nc: 2\n");
    assert_eq!(replaced("a: # why\n    b: 1\nc: 2\n", "a", &word("null")), "a: null # why\nc: 2\n");
}

#[test]
fn keys_come_behind_their_siblings_as_the_file_is_written() {
    let map = Draft::Map(vec![("x".into(), word("1")), ("y z".into(), text("no"))]);
    assert_eq!(inserted("a: 1\nb: 2\n", "", Some("a"), "c", &word("3")), "a: 1\nc: 3\nb: 2\n");
    assert_eq!(inserted("a: 1\n\nb: 2\n", "", None, "c", &word("3")), "a: 1\n\nb: 2\n\nc: 3\n");
    assert_eq!(inserted("a: 1", "", None, "c", &word("3")), "a: 1\nc: 3");
    assert_eq!(inserted("a: 1\r\n", "", None, "c", &word("3")), "a: 1\r\nc: 3\r\n");
    assert_eq!(inserted("# none yet\n", "", None, "c", &word("3")), "# none yet\nc: 3\n");
    assert_eq!(
        inserted("m:\n    a: 'b'\n\nn: 1\n", "m", None, "c", &map),
        "m:\n    a: 'b'\n    c:\n        x: 1\n        'y z': 'no'\n\nn: 1\n"
    );
    assert_eq!(inserted("m: {a: 1}\n", "m", None, "c", &map), "m: {a: 1, c: {x: 1, \"y z\": \"no\"}}\n");
    assert_eq!(inserted("m: { a: 1 }\n", "m", None, "c", &word("2")), "m: { a: 1, c: 2 }\n");
    assert_eq!(inserted("m: {}\n", "m", None, "c", &word("2")), "m: {c: 2}\n");
    assert_eq!(inserted("m: {\n  a: 1 # x\n  }\n", "m", None, "c", &word("2")), "m: {\n  a: 1, # x\n  c: 2\n  }\n");
    assert_eq!(inserted("m: {\n  a: 1,\n  }\n", "m", None, "c", &word("2")), "m: {\n  a: 1,\n  c: 2,\n  }\n");
    assert_eq!(
        inserted("l:\n  - a: 1\n    b: 2\n", "l[0]", Some("a"), "c", &word("3")),
        "l:\n  - a: 1\n    c: 3\n    b: 2\n"
    );
    assert_eq!(inserted("a: |+\n  x\n\n\nb: 1\n", "", Some("a"), "c", &word("3")), "a: |+\n  x\n\n\nc: 3\nb: 1\n");
    assert_eq!(inserted("a: |\n  x\n\nb: 1\n", "", Some("a"), "c", &word("3")), "a: |\n  x\n\nc: 3\n\nb: 1\n");
}

#[test]
fn items_come_last() {
    let item = Draft::Map(vec![("name".into(), text("b")), ("l".into(), list(&["x"]))]);
    assert_eq!(added("l:\n- name: a\n", "l", &item), "l:\n- name: a\n- name: b\n  l:\n  - x\n");
    assert_eq!(added("l: [a] # x\n", "l", &text("b")), "l: [a, b] # x\n");
    assert_eq!(added("l: []\n", "l", &text("b")), "l: [b]\n");
    assert_eq!(
        added("l:\n  - 10.0.0.0/8 # x\nb: 1\n", "l", &text("11.0.0.0/8")),
        "l:\n  - 10.0.0.0/8 # x\n  - 11.0.0.0/8\nb: 1\n"
    );
}

#[test]
fn what_stands_elsewhere_is_not_edited() {
    let text = "a: &x\n  b: 1\nc: *x\n";
    let root = read(text);
    let editor = Editor::new(text, &root);
    assert!(editor.insert_entry(&keys("c"), None, "d", &word("1")).is_err());
    assert!(editor.replace(&keys("c.b"), &word("1")).is_err());
    assert!(editor.replace(&keys("a"), &word("1")).is_err());
    assert_eq!(spliced(text, &editor.replace(&keys("c"), &word("1")).unwrap()), "a: &x\n  b: 1\nc: 1\n");
}

/// A value of a generated file.
#[derive(Clone, Debug)]
enum Made {
    Scalar(&'static str),
    FlowList(Vec<&'static str>),
    FlowMap(Vec<&'static str>),
    List(Vec<&'static str>),
    Items(Vec<Vec<Pair>>),
    Map(Vec<Pair>),
}

#[derive(Clone, Debug)]
struct Pair {
    value: Made,
    quote: &'static str,
    above: bool,
    behind: bool,
    blank: bool,
}

const SCALARS: [&str; 10] =
    ["1", "true", "plain", "eu-central-1", "\"1.30\"", "'it''s'", "\"a # b\"", "a b", "10.0.0.0/8", "\"[x]\""];

fn scalar() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&SCALARS[..])
}

fn pair(value: impl Strategy<Value = Made>) -> impl Strategy<Value = Pair> {
    let quote = prop::sample::select(&["", "", "", "\"", "'"][..]);
    (value, quote, prop::bool::weighted(0.3), prop::bool::weighted(0.3), prop::bool::weighted(0.3))
        .prop_map(|(value, quote, above, behind, blank)| Pair { value, quote, above, behind, blank })
}

fn made() -> impl Strategy<Value = Made> {
    let leaf = prop_oneof![
        3 => scalar().prop_map(Made::Scalar),
        1 => prop::collection::vec(scalar(), 0..4).prop_map(Made::FlowList),
        1 => prop::collection::vec(scalar(), 1..4).prop_map(Made::FlowMap),
        1 => prop::collection::vec(scalar(), 1..4).prop_map(Made::List),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let pairs = || prop::collection::vec(pair(inner.clone()), 1..4);
        prop_oneof![
            2 => pairs().prop_map(Made::Map),
            1 => prop::collection::vec(pairs(), 1..3).prop_map(Made::Items),
        ]
    })
}

#[derive(Clone, Debug)]
struct Layout {
    step: usize,
    dash: usize,
    line_break: &'static str,
}

fn layout() -> impl Strategy<Value = Layout> {
    (2_usize..5, prop::bool::ANY, prop::sample::select(&["\n", "\n", "\r\n"][..]))
        .prop_map(|(step, indented, line_break)| Layout { step, dash: if indented { step } else { 0 }, line_break })
}

fn draw(pairs: &[Pair], column: usize, first_on_dash: bool, layout: &Layout, out: &mut String) {
    let end = layout.line_break;
    for (at, pair) in pairs.iter().enumerate() {
        let on_dash = first_on_dash && at == 0;
        if pair.blank && at > 0 {
            out.push_str(end);
        }
        if pair.above && !on_dash {
            let _ = write!(out, "{}# about k{at}{end}", " ".repeat(column));
        }
        if !on_dash {
            out.push_str(&" ".repeat(column));
        }
        let quote = pair.quote;
        let _ = write!(out, "{quote}k{at}{quote}:");
        let comment = if pair.behind { format!(" # k{at}: x") } else { String::new() };
        match &pair.value {
            Made::Scalar(text) => {
                let _ = write!(out, " {text}{comment}{end}");
            }
            Made::FlowList(items) => {
                let _ = write!(out, " [{}]{comment}{end}", items.join(", "));
            }
            Made::FlowMap(items) => {
                let entries: Vec<_> = items.iter().enumerate().map(|(n, item)| format!("k{n}: {item}")).collect();
                let _ = write!(out, " {{{}}}{comment}{end}", entries.join(", "));
            }
            Made::List(items) => {
                let _ = write!(out, "{comment}{end}");
                for item in items {
                    let _ = write!(out, "{}- {item}{end}", " ".repeat(column + layout.dash));
                }
            }
            Made::Items(items) => {
                let _ = write!(out, "{comment}{end}");
                for item in items {
                    let _ = write!(out, "{}- ", " ".repeat(column + layout.dash));
                    draw(item, column + layout.dash + 2, true, layout, out);
                }
            }
            Made::Map(pairs) => {
                let _ = write!(out, "{comment}{end}");
                draw(pairs, column + layout.step, false, layout, out);
            }
        }
    }
}

/// A file as somebody could write it.
fn file() -> impl Strategy<Value = String> {
    (prop::collection::vec(pair(made()), 1..5), layout(), prop::bool::ANY, prop::bool::ANY).prop_map(
        |(pairs, layout, head, ended)| {
            let mut text = if head { format!("# The file.{0}{0}", layout.line_break) } else { String::new() };
            draw(&pairs, 0, false, &layout, &mut text);
            if ended { text } else { text.trim_end().to_owned() }
        },
    )
}

/// The paths of all values, of maps and of lists.
fn paths(node: &Node, at: &[Step], values: &mut Vec<Vec<Step>>, maps: &mut Vec<Vec<Step>>, lists: &mut Vec<Vec<Step>>) {
    match &node.content {
        Content::Scalar { .. } => values.push(at.to_vec()),
        Content::List(items) => {
            lists.push(at.to_vec());
            for (index, item) in items.iter().enumerate() {
                paths(item, &[at, &[Step::Index(index)]].concat(), values, maps, lists);
            }
        }
        Content::Map(entries) => {
            maps.push(at.to_vec());
            for entry in entries {
                paths(&entry.value, &[at, &[Step::Key(Arc::clone(&entry.key.text))]].concat(), values, maps, lists);
            }
        }
    }
}

/// What a file says, as one text.
fn said(node: &Node) -> String {
    match &node.content {
        Content::Scalar { text, style } => format!("{text:?}{}", if *style == Style::Plain { "p" } else { "" }),
        Content::List(items) => format!("[{}]", items.iter().map(said).collect::<Vec<_>>().join(",")),
        Content::Map(entries) => {
            let entry = |entry: &Entry| format!("{:?}:{}", entry.key.text, said(&entry.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
        }
    }
}

fn node_at<'n>(root: &'n Node, path: &[Step]) -> &'n Node {
    path.iter().fold(root, |node, step| match (step, &node.content) {
        (Step::Index(at), Content::List(items)) => &items[*at],
        (Step::Key(key), _) => node.get(key).unwrap(),
        _ => unreachable!(),
    })
}

fn drafts() -> impl Strategy<Value = Draft> {
    let leaf = prop_oneof![
        prop::sample::select(&["new", "1.30", "yes", "a: b", "it's", "- x", "#", "", " ", "ä\"\\", "two words"][..])
            .prop_map(text),
        prop::sample::select(&["17", "false", "null", "1.5"][..]).prop_map(word),
    ];
    prop_oneof![
        3 => leaf.clone(),
        1 => prop::collection::vec(leaf.clone(), 0..3).prop_map(Draft::List),
        1 => prop::collection::vec(leaf, 0..3).prop_map(|values| {
            Draft::Map(values.into_iter().enumerate().map(|(at, value)| (format!("n{at}").into(), value)).collect())
        }),
    ]
}

/// Whether a draft and a node say the same.
fn is_said(draft: &Draft, node: &Node) -> bool {
    match (draft, &node.content) {
        (Draft::Word(word), Content::Scalar { text, style: Style::Plain }) => word == text,
        (Draft::Text { text, .. }, Content::Scalar { text: read, style }) => {
            // Without a schema plain text may only be what nobody takes for something else.
            text == read
                && (*style != Style::Plain
                    || matches!(
                        yaml::scalar::plain(read),
                        yaml::scalar::Plain::String
                            | yaml::scalar::Plain::Ambiguous(_)
                            | yaml::scalar::Plain::Number(_)
                    ))
        }
        (Draft::List(items), Content::List(read)) => {
            items.len() == read.len() && items.iter().zip(read).all(|(item, read)| is_said(item, read))
        }
        (Draft::Map(entries), Content::Map(read)) => {
            entries.len() == read.len()
                && entries
                    .iter()
                    .zip(read)
                    .all(|((key, value), read)| *key == read.key.text && is_said(value, &read.value))
        }
        _ => false,
    }
}

/// All lines of one text stand in the other, in their order.
fn holds_lines(after: &str, before: &str) -> bool {
    let mut lines = after.lines();
    before.lines().all(|line| lines.any(|other| other == line))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A value that takes the place of another is read back, and all else is what it was, comments included.
    #[test]
    fn what_is_replaced_is_read_back_and_nothing_else_changes(before in file(), pick in any::<prop::sample::Index>(), draft in drafts()) {
        let root = read(&before);
        let (mut values, mut maps, mut lists) = (Vec::new(), Vec::new(), Vec::new());
        paths(&root, &[], &mut values, &mut maps, &mut lists);
        prop_assume!(!values.is_empty());
        let path = &values[pick.index(values.len())];
        let Ok(splices) = Editor::new(&before, &root).replace(path, &draft) else { return Ok(()) };
        let after = spliced(&before, &splices);
        let new = read(&after);
        prop_assert!(is_said(&draft, node_at(&new, path)), "{before}\n---\n{after}");
        let (mut old_said, mut new_said) = (said(&root), said(&new));
        let (old, fresh) = (said(node_at(&root, path)), said(node_at(&new, path)));
        if old != fresh {
            // Put back what was there, and both are the same.
            let back = match &node_at(&root, path).content {
                Content::Scalar { text: value, style: Style::Plain } => word(value),
                Content::Scalar { text: value, .. } => Draft::Text { text: Arc::clone(value), plain: false },
                _ => unreachable!(),
            };
            if let Ok(splices) = Editor::new(&after, &new).replace(path, &back) {
                new_said = said(&read(&spliced(&after, &splices)));
            } else {
                old_said.clone_from(&new_said);
            }
        }
        prop_assert_eq!(old_said, new_said, "{}\n---\n{}", before, after);
        let changed: Vec<_> = before.lines().filter(|line| !after.lines().any(|other| other == *line)).collect();
        prop_assert!(changed.len() <= 1, "{before}\n---\n{after}");
        let comments = |text: &str| text.matches("# k").count() + text.matches("# about").count();
        prop_assert_eq!(comments(&before), comments(&after) , "{}\n---\n{}", before, after);
    }

    /// A key that was inserted is read back; nothing else changes; and without it the file is, to the byte, what it was.
    #[test]
    fn what_is_inserted_goes_again_without_a_trace(before in file(), pick in any::<prop::sample::Index>(), behind in any::<prop::sample::Index>(), draft in drafts()) {
        let root = read(&before);
        let (mut values, mut maps, mut lists) = (Vec::new(), Vec::new(), Vec::new());
        paths(&root, &[], &mut values, &mut maps, &mut lists);
        let map = &maps[pick.index(maps.len())];
        let siblings: Vec<Arc<str>> = match &node_at(&root, map).content {
            Content::Map(entries) => entries.iter().map(|entry| Arc::clone(&entry.key.text)).collect(),
            _ => unreachable!(),
        };
        let sibling = siblings.get(behind.index(siblings.len() + 1));
        let editor = Editor::new(&before, &root);
        let Ok(splices) = editor.insert_entry(map, sibling.map(|key| &**key), "new", &draft) else { return Ok(()) };
        let after = spliced(&before, &splices);
        let new = read(&after);
        let path = [&map[..], &[Step::Key("new".into())]].concat();
        prop_assert!(is_said(&draft, node_at(&new, &path)), "{before}\n---\n{after}");
        if splices.iter().all(|splice| splice.text.contains('\n')) {
            prop_assert!(holds_lines(&after, &before), "{before}\n---\n{after}");
        }
        let gone = Editor::new(&after, &new).remove(&[&path]);
        prop_assert!(gone.is_ok(), "{before}\n---\n{after}");
        prop_assert_eq!(spliced(&after, &gone.unwrap()), before);
    }

    /// The same of an item of a list.
    #[test]
    fn an_item_that_is_added_goes_again_without_a_trace(before in file(), pick in any::<prop::sample::Index>(), draft in drafts()) {
        let root = read(&before);
        let (mut values, mut maps, mut lists) = (Vec::new(), Vec::new(), Vec::new());
        paths(&root, &[], &mut values, &mut maps, &mut lists);
        prop_assume!(!lists.is_empty());
        let list = &lists[pick.index(lists.len())];
        let Content::List(items) = &node_at(&root, list).content else { unreachable!() };
        prop_assume!(!items.is_empty());
        let Ok(splices) = Editor::new(&before, &root).insert_item(list, &draft) else { return Ok(()) };
        let after = spliced(&before, &splices);
        let new = read(&after);
        let path = [&list[..], &[Step::Index(items.len())]].concat();
        prop_assert!(is_said(&draft, node_at(&new, &path)), "{before}\n---\n{after}");
        let gone = Editor::new(&after, &new).remove(&[&path]);
        prop_assert!(gone.is_ok(), "{before}\n---\n{after}");
        prop_assert_eq!(spliced(&after, &gone.unwrap()), before);
    }
}
