//! What values known charts have, by a table that `benches/chart_values.py` makes.

use std::sync::LazyLock;

const VALUES: &str = include_str!("values.txt");

/// A chart of the table.
pub(super) struct Chart {
    name: &'static str,
    pub(super) version: &'static str,
    /// Keys that are known to be there and of which nothing else is.
    also: &'static str,
    /// A line a map, sorted by its path.
    maps: &'static str,
}

/// A map of values.
#[derive(Clone, Copy)]
pub(super) struct Map(&'static str);

/// What is known of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meant {
    Boolean,
    List,
    Map,
    /// One of these words, with a line between them.
    Words(&'static str),
    Anything,
}

static CHARTS: LazyLock<Vec<Chart>> = LazyLock::new(|| VALUES.split("\n@").skip(1).filter_map(Chart::read).collect());

pub(super) fn chart(name: &str) -> Option<&'static Chart> {
    CHARTS.iter().find(|chart| chart.name == name)
}

impl Chart {
    fn read(text: &'static str) -> Option<Self> {
        let (head, rest) = text.split_once('\n')?;
        let (name, version) = head.split_once(' ')?;
        let (also, maps) = rest.strip_prefix('~')?.split_once('\n')?;
        Some(Self { name, version, also, maps })
    }

    /// The map at a path, if its keys are known.
    pub(super) fn map(&self, path: &str) -> Option<Map> {
        let (mut begin, mut end) = (0, self.maps.len());
        while begin < end {
            let middle = begin + (end - begin) / 2;
            let from = self.maps.get(..middle)?.rfind('\n').map_or(0, |at| at + 1);
            let to = self.maps.get(from..)?.find('\n').map_or(self.maps.len(), |at| from + at);
            let (own, keys) = self.maps.get(from..to)?.split_once(' ')?;
            match own.cmp(path) {
                std::cmp::Ordering::Equal => return Some(Map(keys)),
                std::cmp::Ordering::Less => begin = to + 1,
                std::cmp::Ordering::Greater => end = from,
            }
        }
        None
    }

    pub(super) fn mentions(&self, key: &str) -> bool {
        self.also.split(' ').any(|own| own == key)
    }
}

impl Map {
    pub(super) fn keys(self) -> impl Iterator<Item = &'static str> {
        self.0.split(' ').map(name)
    }

    /// What a key is meant to have; none if the map has no such key.
    pub(super) fn meant(self, key: &str) -> Option<Meant> {
        let token = self.0.split(' ').find(|token| name(token) == key)?;
        Some(match token.get(key.len()..)? {
            "?" => Meant::Boolean,
            "[" => Meant::List,
            "{" | "{}" => Meant::Map,
            rest => rest.strip_prefix('=').map_or(Meant::Anything, Meant::Words),
        })
    }
}

fn name(token: &'static str) -> &'static str {
    let end = token.find(['?', '#', '[', '{', '"', '=']).unwrap_or(token.len());
    &token[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_map_of_the_table_is_found() {
        for chart in CHARTS.iter() {
            for line in chart.maps.lines() {
                let path = line.split(' ').next().unwrap();
                assert!(chart.map(path).is_some(), "{}: {path}", chart.name);
            }
            assert!(chart.map("nothing.such").is_none());
        }
        assert!(CHARTS.len() > 20);
    }

    #[test]
    fn keys_say_what_they_are_meant_to_have() {
        let root = chart("external-dns").and_then(|chart| chart.map(".")).unwrap();
        assert_eq!(root.meant("tolerations"), Some(Meant::List));
        assert_eq!(root.meant("enabled"), Some(Meant::Boolean));
        assert_eq!(root.meant("policy"), Some(Meant::Words("create-only|sync|upsert-only")));
        assert_eq!(root.meant("toleration"), None);
        assert!(root.keys().any(|key| key == "serviceAccount"));
    }
}
