//! Names of images: registry, repository, tag, digest
//! (<https://github.com/distribution/reference/blob/main/reference.go>).

use std::ops::Range;

/// A name, taken apart: where its parts lie in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub registry: Option<Range<usize>>,
    pub repository: Range<usize>,
    pub tag: Option<Range<usize>>,
    pub digest: Option<Range<usize>>,
}

impl Name {
    /// `None` of a text that is no name, such as one in which a tool replaces something first.
    pub fn read(text: &str) -> Option<Self> {
        let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
        if digest.is_some_and(|digest| !is_digest(digest)) {
            return None;
        }
        let last = name.rfind('/').map_or(0, |at| at + 1);
        let tag = name[last..].find(':').map(|at| last + at + 1..name.len());
        if tag.as_ref().is_some_and(|tag| !is_tag(&name[tag.clone()])) {
            return None;
        }
        let path = tag.as_ref().map_or(name.len(), |tag| tag.start - 1);
        let registry = name[..path].find('/').map(|end| 0..end).filter(|range| is_host(&name[range.clone()]));
        let repository = registry.as_ref().map_or(0, |registry| registry.end + 1)..path;
        let is_name = name[repository.clone()].split('/').all(is_component);
        let digest = digest.map(|digest| text.len() - digest.len()..text.len());
        is_name.then_some(Self { registry, repository, tag, digest })
    }
}

/// A first part with a point, a port or this name is the registry's.
pub fn is_host(part: &str) -> bool {
    part.contains(['.', ':']) || part == "localhost"
}

/// A part of a repository between slashes.
pub fn is_component(part: &str) -> bool {
    let is_outer = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    part.starts_with(is_outer)
        && part.ends_with(is_outer)
        && part.chars().all(|letter| is_outer(letter) || matches!(letter, '.' | '_' | '-'))
        && !part.contains("..")
}

pub fn is_tag(tag: &str) -> bool {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    tag.len() <= 128
        && tag.starts_with(is_word)
        && tag.chars().all(|letter| is_word(letter) || matches!(letter, '.' | '-'))
}

pub fn is_digest(digest: &str) -> bool {
    match digest.split_once(':') {
        Some(("sha256", hash)) => hash.len() == 64 && hash.chars().all(|digit| digit.is_ascii_hexdigit()),
        Some((algorithm, hash)) => !algorithm.is_empty() && !hash.is_empty(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<[&str; 4]> {
        let name = Name::read(text)?;
        let part = |range: Option<Range<usize>>| range.map_or("", |range| &text[range]);
        Some([part(name.registry), &text[name.repository], part(name.tag), part(name.digest)])
    }

    #[test]
    fn a_name_is_taken_apart() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(parts("nginx"), Some(["", "nginx", "", ""]));
        assert_eq!(parts("library/nginx:1.2"), Some(["", "library/nginx", "1.2", ""]));
        assert_eq!(parts("example.com:5000/a/b_c:V1"), Some(["example.com:5000", "a/b_c", "V1", ""]));
        assert_eq!(parts("localhost/web"), Some(["localhost", "web", "", ""]));
        let both = format!("ghcr.io/web:1@{digest}");
        assert_eq!(parts(&both), Some(["ghcr.io", "web", "1", &digest]));
    }

    #[test]
    fn what_is_no_name_is_not_taken_apart() {
        for text in
            ["", "web:", "Web:1", "web:1:2", "a//b", "web@sha256:12", "${REGISTRY}/web:1", "https://a.b/c", "*:latest"]
        {
            assert_eq!(parts(text), None, "{text}");
        }
    }
}
