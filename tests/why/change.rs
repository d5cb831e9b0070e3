//! Changing one leaf of an environment, and what that changes in the output.

use std::sync::Arc;

use platc::environment::{Content, Tree};
use platc::value::{Number, Value};
use platc::yaml::path::{Path, Step};

/// All leaves of an environment, by their paths.
pub(crate) fn leaves(tree: &Arc<Tree>) -> Vec<Path> {
    fn walk(tree: &Arc<Tree>, path: &Path, found: &mut Vec<Path>) {
        match &tree.content {
            Content::Map(entries) if !entries.is_empty() => {
                entries.iter().for_each(|(key, value)| walk(value, &path.join(Step::Key(key.clone())), found));
            }
            Content::List(items) if !items.is_empty() => {
                items.iter().enumerate().for_each(|(at, item)| walk(item, &path.join(Step::Index(at)), found));
            }
            _ => found.push(path.clone()),
        }
    }
    let mut found = Vec::new();
    walk(tree, &Path::root(), &mut found);
    found
}

/// What the leaf could be instead: `None` takes it out.
pub(crate) fn others(tree: &Tree) -> Vec<Option<Content>> {
    let text = |text: String| Some(Content::String(text.into()));
    match &tree.content {
        Content::Bool(value) => vec![Some(Content::Bool(!value)), None],
        Content::Number(Number::Int(value)) => {
            let ints = [value + 1, value - 1, value * 2, value / 2].into_iter().filter(|other| other != value);
            ints.map(|value| Some(Content::Number(Number::Int(value)))).chain([None]).collect()
        }
        Content::Number(_) => vec![Some(Content::Number(Number::Int(7))), None],
        Content::String(value) => {
            let mut all = Vec::new();
            // One letter or digit more, or another one.
            for (at, char) in value.char_indices().rev() {
                let other = match char {
                    '0'..='8' | 'a'..='y' => char::from(char as u8 + 1),
                    '9' => '8',
                    'z' => 'y',
                    _ => continue,
                };
                let mut changed = value.to_string();
                changed.replace_range(at..=at, &other.to_string());
                all.push(text(changed));
                if all.len() == 3 {
                    break;
                }
            }
            all.push(text(format!("{value}x")));
            all.extend(WORDS.iter().filter(|word| ***word != **value).map(|word| text((*word).to_owned())));
            all.push(None);
            all
        }
        Content::Null | Content::List(_) | Content::Map(_) => vec![None],
    }
}

/// Words that schemas like to list.
const WORDS: [&str; 12] =
    ["prod", "dev", "staging", "eu-west-1", "us-east-1", "on-demand", "spot", "arm64", "amd64", "Deny", "Audit", "m7i"];

/// The tree with another leaf at a path.
pub(crate) fn replaced(tree: &Arc<Tree>, path: &[Step], leaf: Option<&Content>) -> Arc<Tree> {
    let [step, rest @ ..] = path else {
        let mut changed = Tree::clone(tree);
        changed.content = leaf.unwrap().clone();
        return Arc::new(changed);
    };
    let mut changed = Tree::clone(tree);
    match (&mut changed.content, step) {
        (Content::Map(entries), Step::Key(key)) if rest.is_empty() && leaf.is_none() => {
            entries.shift_remove(key);
        }
        (Content::Map(entries), Step::Key(key)) => {
            let below = replaced(&entries[key], rest, leaf);
            entries.insert(key.clone(), below);
        }
        (Content::List(items), Step::Index(at)) if rest.is_empty() && leaf.is_none() => {
            items.remove(*at);
        }
        (Content::List(items), Step::Index(at)) => items[*at] = replaced(&items[*at], rest, leaf),
        _ => panic!("no such place"),
    }
    Arc::new(changed)
}

/// A place that is not what it was.
#[derive(Clone, Debug)]
pub(crate) enum Changed {
    /// It has another value, or is gone: where it was.
    Was(Path),
    /// It is new: where it is.
    Is(Path),
}

/// The places of an artifact that changed; the topmost of what is new or gone.
pub(crate) fn changed(old: &Value, new: &Value) -> Vec<Changed> {
    let mut found = Vec::new();
    differ(old, new, [&Path::root(), &Path::root()], &mut found);
    found
}

fn differ(old: &Value, new: &Value, [was, is]: [&Path; 2], found: &mut Vec<Changed>) {
    match (old, new) {
        (Value::Map(a), Value::Map(b)) => {
            for (key, value) in a {
                let below = was.key(key);
                match new.get(key) {
                    Some(other) => differ(value, other, [&below, &is.key(key)], found),
                    None => found.push(Changed::Was(below)),
                }
            }
            found.extend(b.iter().filter(|(key, _)| old.get(key).is_none()).map(|(key, _)| Changed::Is(is.key(key))));
        }
        (Value::List(a), Value::List(b)) => {
            for pair in aligned(a, b) {
                let at = |path: &Path, index: usize| path.join(Step::Index(index));
                match pair {
                    (Some(i), Some(j)) => differ(&a[i], &b[j], [&at(was, i), &at(is, j)], found),
                    (Some(i), None) => found.push(Changed::Was(at(was, i))),
                    (None, Some(j)) => found.push(Changed::Is(at(is, j))),
                    (None, None) => {}
                }
            }
        }
        (a, b) if a == b => {}
        _ => found.push(Changed::Was(was.clone())),
    }
}

/// Which items of two lists are the same one: equal items in their order; between those, items with one name, and then
/// those that stand in one place.
pub(crate) fn aligned<T: PartialEq + Named>(a: &[T], b: &[T]) -> Vec<(Option<usize>, Option<usize>)> {
    let mut longest = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i][j] =
                if a[i] == b[j] { longest[i + 1][j + 1] + 1 } else { longest[i + 1][j].max(longest[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    let (mut left, mut right): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    let flush = |left: &mut Vec<usize>, right: &mut Vec<usize>, pairs: &mut Vec<_>| {
        let mut rest = Vec::new();
        for i in left.drain(..) {
            match right.iter().position(|j| a[i].name().is_some() && a[i].name() == b[*j].name()) {
                Some(at) => pairs.push((Some(i), Some(right.remove(at)))),
                None => rest.push(i),
            }
        }
        // Lists of one length have changed in place; else nobody knows which item became which.
        if rest.len() == right.len() {
            pairs.extend(rest.into_iter().zip(right.drain(..)).map(|(i, j)| (Some(i), Some(j))));
        } else {
            pairs.extend(rest.into_iter().map(|i| (Some(i), None)));
            pairs.extend(right.drain(..).map(|j| (None, Some(j))));
        }
    };
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            flush(&mut left, &mut right, &mut pairs);
            pairs.push((Some(i), Some(j)));
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (i < a.len() && longest[i + 1][j] >= longest[i][j + 1]) {
            left.push(i);
            i += 1;
        } else {
            right.push(j);
            j += 1;
        }
    }
    flush(&mut left, &mut right, &mut pairs);
    pairs
}

pub(crate) trait Named {
    fn name(&self) -> Option<&str>;
}

impl Named for Value {
    fn name(&self) -> Option<&str> {
        ["name", "Key", "key", "Name", "id"].iter().find_map(|key| self.get(key)?.as_str())
    }
}

impl Named for &str {
    fn name(&self) -> Option<&str> {
        None
    }
}
