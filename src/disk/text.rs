//! From bytes to a [`Source`](crate::source::Source): what is not plain UTF-8 text never gets further than this.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Disk, ReadError};
use crate::finding::{Finding, Findings, codes};
use crate::source::{FileId, Sources, Span};

/// Reads a file of at most `limit` bytes as text. A byte order mark is dropped, so that offsets count from the first
/// character that an editor shows.
///
/// `None`, with a finding, if it cannot be read or is not text.
pub fn load(
    disk: &dyn Disk,
    path: &Utf8Path,
    limit: u64,
    sources: &Sources,
    findings: &mut Findings,
) -> Option<FileId> {
    load_named(disk, path, limit, None, sources, findings)
}

/// Like [`load`], for a file that another file names: if it cannot be read, the finding stands where it is named.
pub fn load_named(
    disk: &dyn Disk,
    path: &Utf8Path,
    limit: u64,
    named_at: Option<Span>,
    sources: &Sources,
    findings: &mut Findings,
) -> Option<FileId> {
    match disk.read(path, limit) {
        Ok(bytes) => decode(path, &bytes, sources, findings),
        Err(error) => {
            let span = named_at.unwrap_or_else(|| Span::file_start(sources.add(path, "")));
            findings.push(unreadable_on(disk, path, &error, span));
            None
        }
    }
}

/// Like [`unreadable`], for a path that may be a link to nothing.
pub fn unreadable_on(disk: &dyn Disk, path: &Utf8Path, error: &ReadError, span: Span) -> Finding {
    match disk.link_on(path).filter(|_| matches!(error, ReadError::Missing)) {
        Some(link) => {
            let message = format!("`{link}` is a symbolic link to something that is not there");
            let finding = Finding::new(&codes::project::UNREADABLE, span, message);
            finding.help("remove the link, or bring what it leads to")
        }
        None => match other_ending(disk, path).filter(|_| matches!(error, ReadError::Missing)) {
            Some(other) => {
                let name = path.file_name().unwrap_or_default();
                unreadable(path, error, span).help(format!("there is `{other}`: rename it to `{name}`"))
            }
            None => unreadable(path, error, span),
        },
    }
}

/// The same file with the other ending of YAML, if that is there.
fn other_ending(disk: &dyn Disk, path: &Utf8Path) -> Option<Utf8PathBuf> {
    let other = match path.extension()? {
        "yaml" => path.with_extension("yml"),
        "yml" => path.with_extension("yaml"),
        _ => return None,
    };
    let is_there = |name: &str| disk.list(path.parent()?).ok().map(|all| all.iter().any(|entry| entry.name == name));
    is_there(other.file_name()?)?.then_some(other)
}

/// What to say about a path that cannot be read; `span` is the file, or the place that names it.
pub fn unreadable(path: &Utf8Path, error: &ReadError, span: Span) -> Finding {
    let rule = match error {
        ReadError::OverBudget { .. } => &codes::project::TOO_LARGE,
        _ => &codes::project::UNREADABLE,
    };
    let finding = Finding::new(rule, span, format!("`{path}` cannot be read: {error}"));
    match error {
        ReadError::Special => {
            finding.help("only regular files are read; anything else could keep a run waiting for ever")
        }
        ReadError::Escapes | ReadError::Link => {
            finding.help("put the file itself in the place of the link, or link within the project")
        }
        ReadError::OfGit => finding.help("put a file of your own in the place of the link or name"),
        ReadError::TooLarge { .. } => finding.help("split the file, or keep large data outside the configuration"),
        ReadError::NameNotUtf8(_) => finding.help("rename it"),
        ReadError::Unmerged => finding.help("resolve the conflict and `git add` the file"),
        ReadError::Missing => finding.help("make it, or name another one"),
        ReadError::WrongKind(_) | ReadError::TooMany { .. } | ReadError::OverBudget { .. } | ReadError::Submodule => {
            finding
        }
        ReadError::NotInClone | ReadError::Io(_) => Finding { failed: true, ..finding },
    }
}

fn decode(path: &Utf8Path, bytes: &[u8], sources: &Sources, findings: &mut Findings) -> Option<FileId> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let file = sources.add(path, "");
        findings.push(
            Finding::new(&codes::project::NOT_TEXT, Span::file_start(file), format!("`{path}` is UTF-16"))
                .help("save it as UTF-8"),
        );
        return None;
    }
    let (marked, bytes) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (true, rest),
        None => (false, bytes),
    };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) if bytes.contains(&0) => {
            let file = sources.add(path, "");
            let finding =
                Finding::new(&codes::project::NOT_TEXT, Span::file_start(file), format!("`{path}` is no text file"));
            let help =
                "keep pictures, archives and programs where no layer and no template is read; a text is saved as UTF-8";
            findings.push(finding.help(help));
            return None;
        }
        Err(error) => {
            // What comes before the first bad byte is shown; the rest would be guesswork.
            let good = error.valid_up_to();
            let line_end = bytes[good..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |at| good + at);
            let shown = String::from_utf8_lossy(&bytes[..line_end]);
            let file = sources.add(path, &*shown);
            let byte = bytes[good];
            let span = Span::new(file, good, good + char::REPLACEMENT_CHARACTER.len_utf8());
            findings.push(
                Finding::new(&codes::project::NOT_TEXT, span, format!("`{path}` is not UTF-8"))
                    .label(format!("the byte {byte:#04x} is not part of a character"))
                    .help("save it as UTF-8"),
            );
            return None;
        }
    };
    let file = sources.add(path, text);
    if marked {
        findings.push(
            Finding::new(&codes::project::BYTE_ORDER_MARK, Span::file_start(file), "a byte order mark")
                .label("it stands before the first character")
                .help("save the file as UTF-8 without it"),
        );
    }
    if text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
        return Some(file);
    }
    if let Some(at) = text.find("\r\n") {
        findings.push(
            Finding::new(&codes::project::LINE_ENDS, Span::new(file, at, at + 2), "Windows line ends")
                .label("the first of them")
                .help("save the file with LF line ends"),
        );
    }
    control_characters(text, file, findings).then_some(file)
}

/// Whether no control character begins with a byte: nearly every text consists of these, which is quick to see.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b' '..=b'~' | 0x80..=0xc1 | 0xc3..=0xee | 0xf0..)
}

/// At most this many control characters are shown one by one: a binary file is full of them.
const SHOWN: usize = 5;

/// Whether the text is free of control characters that YAML forbids. Tab, LF and CRLF are fine here.
fn control_characters(text: &str, file: FileId, findings: &mut Findings) -> bool {
    let bytes = text.as_bytes();
    // The C1 block, but for NEL, starts with 0xC2 in UTF-8; a lone CR ends a line for some readers only.
    let bad = text.char_indices().filter(|&(at, char)| match char {
        '\t' | '\n' | '\u{85}' => false,
        '\r' => bytes.get(at + 1) != Some(&b'\n'),
        '\u{fffe}' | '\u{ffff}' => true,
        char => char.is_control(),
    });
    let mut clean = true;
    for (at, char) in bad.take(SHOWN) {
        clean = false;
        let code = u32::from(char);
        let (name, help) = match char {
            '\0' => ("a NUL character".to_owned(), "remove it; is this a text file?".to_owned()),
            '\r' => ("a carriage return without line feed".to_owned(), "save the file with LF line ends".to_owned()),
            _ => (
                format!("the control character U+{code:04X}"),
                format!("remove it, or write it as `\\u{code:04x}` between double quotes"),
            ),
        };
        findings
            .push(Finding::new(&codes::project::NOT_TEXT, Span::new(file, at, at + char.len_utf8()), name).help(help));
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;

    #[test]
    fn what_cannot_be_read_is_told_at_its_path() {
        let disk = Memory::default().file("folder/a.yaml", "a: 1\n").file("large.yaml", vec![b'a'; 101]);
        let (sources, mut findings) = (Sources::default(), Findings::default());
        let mut load = |path: &str| load(&disk, Utf8Path::new(path), 100, &sources, &mut findings);
        let file = load("folder/a.yaml").expect("a text");
        assert_eq!(&**sources.get(file).text(), "a: 1\n");
        for path in ["none.yaml", "folder", "large.yaml"] {
            assert_eq!(load(path), None);
        }
        let told: Vec<_> = findings
            .iter()
            .map(|finding| (finding.rule.id, sources.locate(finding.primary.span), finding.message.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (
                    "project/unreadable",
                    "none.yaml:1:1".into(),
                    "`none.yaml` cannot be read: there is no such file or folder"
                ),
                ("project/unreadable", "folder:1:1".into(), "`folder` cannot be read: it is a folder, not a file"),
                (
                    "project/unreadable",
                    "large.yaml:1:1".into(),
                    "`large.yaml` cannot be read: it is larger than 100 bytes"
                ),
            ]
        );
    }

    fn decoded(bytes: &[u8]) -> (Option<String>, Vec<(&'static str, String, String)>) {
        let (sources, mut findings) = (Sources::default(), Findings::default());
        let file = decode(Utf8Path::new("a.yaml"), bytes, &sources, &mut findings);
        let told = findings
            .iter()
            .map(|finding| (finding.rule.id, sources.locate(finding.primary.span), finding.message.clone()))
            .collect();
        (file.map(|file| sources.get(file).text().to_string()), told)
    }

    #[test]
    fn a_byte_order_mark_is_dropped_and_told() {
        let (text, told) = decoded(b"\xef\xbb\xbfa: 1\n");
        assert_eq!(text.as_deref(), Some("a: 1\n"));
        assert_eq!(told, [("project/byte-order-mark", "a.yaml:1:1".into(), "a byte order mark".into())]);
    }

    #[test]
    fn windows_line_ends_are_told_once() {
        let (text, told) = decoded(b"a: 1\r\nb: 2\r\n");
        assert_eq!(text.as_deref(), Some("a: 1\r\nb: 2\r\n"));
        assert_eq!(told, [("project/line-ends", "a.yaml:1:5".into(), "Windows line ends".into())]);
    }

    #[test]
    fn the_first_byte_that_is_not_utf8_is_shown() {
        let (text, told) = decoded(b"a: 1\nb: caf\xe9\nc: \xff\n");
        assert_eq!(text, None);
        assert_eq!(told, [("project/not-text", "a.yaml:2:7".into(), "`a.yaml` is not UTF-8".into())]);
    }

    #[test]
    fn utf16_is_named() {
        let (text, told) = decoded(b"\xff\xfea\0:\0");
        assert_eq!(text, None);
        assert_eq!(told, [("project/not-text", "a.yaml:1:1".into(), "`a.yaml` is UTF-16".into())]);
    }

    #[test]
    fn control_characters_are_shown_where_they_stand() {
        let (text, told) = decoded("a: \0\nb: \u{1b}[0m\nc: \r d\n".as_bytes());
        assert_eq!(text, None);
        let places: Vec<_> = told.iter().map(|(_, place, message)| (place.as_str(), message.as_str())).collect();
        assert_eq!(
            places,
            [
                ("a.yaml:1:4", "a NUL character"),
                ("a.yaml:2:4", "the control character U+001B"),
                ("a.yaml:3:4", "a carriage return without line feed"),
            ]
        );
        assert_eq!(decoded(&[0; 1000]).1.len(), SHOWN);
        assert!(decoded("tab\t, \u{85}, ä, \u{1f600}\n".as_bytes()).1.is_empty());
    }
}
