//! The first line of an environment file, by which editors find its schema.
//! <https://github.com/redhat-developer/yaml-language-server#using-inlined-schema>

use camino::{Utf8Path, Utf8PathBuf};

use super::exit::Failure;
use super::place::Place;
use super::session::Session;
use super::signals;
use crate::disk::{Disk, reason};
use crate::tree;

/// A byte order mark.
const MARK: &str = "\u{feff}";

const WORD: &str = "# yaml-language-server:";

/// Where the schema for layers lies: beside the project's own.
pub(super) fn schema_for_layers(schema: &Utf8Path) -> Utf8PathBuf {
    let name = schema.file_name().unwrap_or_default();
    let endings = [".yaml", ".yml", ".json"];
    let stem = endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    let stem = stem.strip_suffix(".schema").unwrap_or(stem);
    schema.with_file_name(format!("{stem}.layer.json"))
}

/// The line for a file; both paths are relative to the project, the line is relative to the file.
pub(super) fn line(file: &Utf8Path, schema: &Utf8Path) -> String {
    let folder = file.parent().unwrap_or(Utf8Path::new(""));
    let shared = folder.components().zip(schema.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| "..");
    let down = schema.components().skip(shared).map(|part| part.as_str());
    let path: Vec<_> = up.chain(down).collect();
    // Without `./` the server takes a bare name for one of its own.
    let here = if path.len() == 1 { "./" } else { "" };
    format!("{WORD} $schema={here}{}", path.join("/"))
}

/// The text with the line in front, or in place of another modeline; `None` if it has this one already.
pub(super) fn put(text: &str, line: &str) -> Option<String> {
    // A byte order mark stays the first thing in the file.
    if let Some(text) = text.strip_prefix('\u{feff}') {
        return put(text, line).map(|text| format!("\u{feff}{text}"));
    }
    let end =
        if text.lines().next().is_some_and(|first| text[first.len()..].starts_with("\r\n")) { "\r\n" } else { "\n" };
    let is_modeline = |found: &&str| found.trim_start().starts_with(WORD);
    let comments = text.lines().take_while(|found| found.trim_start().starts_with('#') || found.trim().is_empty());
    match comments.into_iter().find(is_modeline) {
        Some(found) if found.trim() == line => None,
        Some(found) => Some(text.replacen(found, line, 1)),
        None => Some(format!("{line}{end}{text}")),
    }
}

/// Replaces a file of the project by one with another text, or leaves it as it was: never half of each. A link stays a
/// link; the file behind it is replaced.
pub(super) fn replace(place: &Place, file: &Utf8Path, text: &str) -> Result<(), Failure> {
    let shown = place.shown(file);
    let refused = |error| Failure::new(format!("`{shown}` cannot be written: {}", reason(&error)));
    let root = place.root.canonicalize_utf8().map_err(refused)?;
    let behind = root.join(file).canonicalize_utf8().map_err(refused)?;
    let path = behind.strip_prefix(&root).map_err(|_| {
        Failure::new(format!("`{shown}` cannot be written: it is a link that leads out of the project"))
    })?;
    signals::heed();
    tree::replace(tree::Place { root: &root, path, shown: &shown }, text).map_err(Failure::from)
}

/// The same for a text that was read without the byte order mark of its file, which stays. `before` is what was read: a
/// file that somebody else has changed meanwhile is left alone.
pub(super) fn rewrite(session: &Session, file: &Utf8Path, before: &str, text: &str) -> Result<(), Failure> {
    let cannot = |why: &str| Failure::new(format!("`{}` cannot be written: {why}", session.place.shown(file)));
    let read = session.disk.read(file, session.limits.file_bytes).map_err(|error| cannot(&error.to_string()))?;
    let (mark, rest) = match read.strip_prefix(MARK.as_bytes()) {
        Some(rest) => (MARK, rest),
        None => ("", &read[..]),
    };
    if rest != before.as_bytes() {
        return Err(cannot("somebody else has changed it meanwhile").help("run the command again"));
    }
    replace(&session.place, file, &format!("{mark}{text}"))
}

/// Makes a file of the project hold this text, whether it is there or not.
pub(super) fn create(place: &Place, file: &Utf8Path, text: &str) -> Result<(), Failure> {
    signals::heed();
    let shown = place.shown(file);
    Ok(tree::replace(tree::Place { root: &place.root, path: file, shown: &shown }, text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_from_a_file_to_its_schema() {
        for (file, schema, wanted) in [
            (
                "environments/prod/environment.yaml",
                "schemas/environment.schema.yaml",
                "../../schemas/environment.schema.yaml",
            ),
            ("environments/prod.yaml", "environments/schema.yaml", "./schema.yaml"),
            ("environments/eu/prod/x.yaml", "environments/schemas/x.json", "../../schemas/x.json"),
            ("prod.yaml", "schemas/x.json", "schemas/x.json"),
        ] {
            assert_eq!(line(file.into(), schema.into()), format!("# yaml-language-server: $schema={wanted}"));
        }
    }

    #[test]
    fn the_schema_for_layers_lies_beside_the_projects_own() {
        for (own, wanted) in [
            ("schemas/environment.schema.yaml", "schemas/environment.layer.json"),
            ("schemas/all.yml", "schemas/all.layer.json"),
            ("shape.json", "shape.layer.json"),
        ] {
            assert_eq!(schema_for_layers(own.into()), wanted);
        }
    }

    #[test]
    fn the_line_is_put_in_front_or_replaced_or_there_already() {
        let new = "# yaml-language-server: $schema=a.yaml";
        let old = "# yaml-language-server: $schema=b.yaml";
        assert_eq!(put("a: 1\n", new).as_deref(), Some(&*format!("{new}\na: 1\n")));
        assert_eq!(put("a: 1\r\nb: 2\r\n", new).as_deref(), Some(&*format!("{new}\r\na: 1\r\nb: 2\r\n")));
        assert_eq!(put("", new).as_deref(), Some(&*format!("{new}\n")));
        assert_eq!(put(&format!("# remark\n\n{old}\na: 1\n"), new), Some(format!("# remark\n\n{new}\na: 1\n")));
        assert_eq!(put(&format!("{new}\na: 1\n"), new), None);
        assert_eq!(put("\u{feff}a: 1\n", new).as_deref(), Some(&*format!("\u{feff}{new}\na: 1\n")));
        // Further down it is a remark like any other.
        assert_eq!(put(&format!("a: 1\n{old}\n"), new), Some(format!("{new}\na: 1\n{old}\n")));
    }
}
