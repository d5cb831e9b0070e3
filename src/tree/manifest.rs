//! The list of what platc wrote, inside each tree: it tells stale files and hand edits from files of others.
//!
//! ```text
//! platc tree 1
//! inputs 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
//! cilium/values.yaml<TAB>e3b0c442…<TAB>1204<TAB>templates/cilium/values.yaml.j2
//! ```
//!
//! A file a line: path, SHA-256, size in bytes, template; sorted by the bytes of the path, LF, final newline. The second
//! line is there only when the caller gives a digest. The name has no ending that Argo CD or Flux would read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::artifact::File;
use crate::artifact::path::fault;

/// Where it lies in a tree.
pub const PATH: &str = ".platc/manifest";

/// The folder it lies in.
pub const FOLDER: &str = ".platc";

const VERSION: &str = "platc tree 1";

/// More than a tree of a million files needs to be read at all.
pub(super) const LIMIT: u64 = 16 << 20;

/// What is wrong with a line that git left there where two branches differ.
pub(super) const CONFLICT: &str = "is a mark of a merge conflict";

/// A manifest as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// SHA-256 of the inputs that made the tree, if the writer knew it.
    pub inputs: Option<String>,
    pub files: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub sha256: [u8; 32],
    pub size: u64,
    pub template: String,
}

impl Entry {
    /// Whether a file holds what was written.
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        bytes.len() as u64 == self.size && digest(bytes) == self.sha256
    }
}

/// The first line that is not as platc writes it, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Counted from 1.
    pub line: u32,
    pub problem: &'static str,
}

/// The manifest's bytes for files sorted by path.
pub(super) fn write(files: &[&File], inputs: Option<&str>) -> Vec<u8> {
    let mut text = String::with_capacity(64 + files.len() * 160);
    text.push_str(VERSION);
    text.push('\n');
    if let Some(inputs) = inputs {
        text.push_str("inputs ");
        text.push_str(inputs);
        text.push('\n');
    }
    for file in files {
        text.push_str(file.path.as_str());
        text.push('\t');
        push_hex(&mut text, file.bytes.digest());
        let _ = writeln!(text, "\t{}\t{}", file.bytes.len(), named(&file.template)); // into a String, it cannot fail
    }
    text.into_bytes()
}

/// What would be written for these files.
pub fn of(files: &[File]) -> Manifest {
    let entry = |file: &File| {
        let template = named(&file.template);
        (file.path.as_str().to_owned(), Entry { sha256: *file.bytes.digest(), size: file.bytes.len() as u64, template })
    };
    Manifest { inputs: None, files: files.iter().map(entry).collect() }
}

/// A template's name may hold anything but what ends a line here.
fn named(template: &str) -> String {
    let mut name = String::with_capacity(template.len());
    for character in template.chars() {
        if character.is_control() { name.extend(character.escape_default()) } else { name.push(character) }
    }
    name
}

/// Reads strictly: whatever differs from what [`write()`] writes was changed by somebody, and nothing it says is believed.
pub fn parse(bytes: &[u8]) -> Result<Manifest, Damage> {
    let text = std::str::from_utf8(bytes).map_err(|error| Damage {
        line: bytes[..error.valid_up_to()].split(|&byte| byte == b'\n').count() as u32,
        problem: "is not UTF-8",
    })?;
    let mut manifest = Manifest::default();
    let mut last = "";
    let mut lines = text.split_inclusive('\n').zip(1..).peekable();
    let damage = |line, problem| Err(Damage { line, problem });
    match lines.next() {
        Some((first, _)) if is_mark(first) => return damage(1, CONFLICT),
        Some((first, _)) if first.strip_suffix('\n') == Some(VERSION) => {}
        Some((first, _)) if first.starts_with("platc tree ") => return damage(1, "names a format of another version"),
        _ => return damage(1, "is not the first line of a manifest"),
    }
    if let Some((inputs, _)) = lines.next_if(|(line, _)| line.starts_with("inputs ")) {
        manifest.inputs = inputs.strip_prefix("inputs ").map(|inputs| inputs.trim_end().to_owned());
    }
    for (line, number) in lines {
        let Some(line) = line.strip_suffix('\n') else { return damage(number, "is cut off") };
        if is_mark(line) {
            return damage(number, CONFLICT);
        }
        let fields: Vec<&str> = line.split('\t').collect();
        let [path, sha256, size, template] = fields[..] else {
            return damage(number, "does not have the four fields of a file");
        };
        if fault(path).is_some() {
            return damage(number, "has a path that no artifact can have");
        }
        if path <= last {
            return damage(number, "is not in order");
        }
        last = path;
        let Some(sha256) = parse_hex(sha256) else { return damage(number, "has no SHA-256 digest") };
        let Some(size) = size.parse().ok().filter(|parsed: &u64| parsed.to_string() == size) else {
            return damage(number, "has no size");
        };
        manifest.files.insert(path.to_owned(), Entry { sha256, size, template: template.to_owned() });
    }
    Ok(manifest)
}

/// `<<<<<<< HEAD`, `=======` and their like.
fn is_mark(line: &str) -> bool {
    ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark))
}

pub(super) fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Appends two digits for each byte.
pub(crate) fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// Lower-case only, as [`push_hex`] writes it.
pub(super) fn parse_hex(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let text: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Sources, Span};

    fn file(path: &str, text: &str) -> File {
        let place = Span::file_start(Sources::default().add("t", ""));
        File { path: path.into(), template: "templates/a b.j2".into(), place, bytes: text.as_bytes().to_vec().into() }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let files = [file("a-b.yaml", "x\n"), file("a/b.yaml", "")];
        let bytes = write(&files.iter().collect::<Vec<_>>(), Some("abc"));
        insta::assert_snapshot!(String::from_utf8(bytes.clone()).unwrap().replace('\t', "<TAB>"), @r"
        platc tree 1
        inputs abc
        a-b.yaml<TAB>73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac<TAB>2<TAB>templates/a b.j2
        a/b.yaml<TAB>e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855<TAB>0<TAB>templates/a b.j2
        ");
        let manifest = parse(&bytes).unwrap();
        assert_eq!(manifest.inputs.as_deref(), Some("abc"));
        assert_eq!(manifest.files["a-b.yaml"].sha256, digest(b"x\n"));
        assert_eq!(manifest.files["a/b.yaml"].size, 0);
        assert_eq!(manifest.files, of(&files).files);
        assert_eq!(parse(&write(&[], None)).unwrap(), Manifest::default());
    }

    #[test]
    fn every_change_is_noticed_or_means_the_same() {
        let files = [file("a.yaml", "x"), file("b/c.yaml", "y")];
        let good = write(&files.iter().collect::<Vec<_>>(), None);
        for at in 0..good.len() {
            for cut in [
                good[..at].to_vec(),
                [&good[..at], &good[at + 1..]].concat(),
                [&good[..at], b"\xff", &good[at + 1..]].concat(),
            ] {
                // What is left may be a shorter manifest; it never is a panic or a path out of the tree.
                if let Ok(manifest) = parse(&cut) {
                    assert!(manifest.files.keys().all(|path| fault(path).is_none()));
                }
            }
        }
        let text = String::from_utf8(good).unwrap();
        for (from, to, line, problem) in [
            ("platc tree 1", "platc tree 2", 1, "names a format of another version"),
            ("platc tree 1", "# a list", 1, "is not the first line of a manifest"),
            ("platc tree 1", "<<<<<<< HEAD", 1, CONFLICT),
            ("b/c.yaml", "../../etc/x", 3, "has a path that no artifact can have"),
            ("b/c.yaml", "a.yaml", 3, "is not in order"),
            ("a.yaml", "x\na.yaml", 2, "does not have the four fields of a file"),
            ("a.yaml", "<<<<<<< HEAD\na.yaml", 2, CONFLICT),
            ("\t1\t", "\t01\t", 2, "has no size"),
            ("\t1\t", "\t-1\t", 2, "has no size"),
            ("2d711642", "2D711642", 2, "has no SHA-256 digest"),
        ] {
            assert!(text.contains(from), "{from}");
            assert_eq!(parse(text.replacen(from, to, 1).as_bytes()), Err(Damage { line, problem }), "{from} -> {to}");
        }
    }
}
