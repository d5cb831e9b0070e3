//! Lines of a text by offsets.

/// Where the line of a place begins.
pub(super) fn start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// Behind the end of the line of a place.
pub(super) fn end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

/// The blanks that the line of a place begins with.
pub(super) fn indent(text: &str, at: usize) -> &str {
    let line = &text[start(text, at)..];
    &line[..line.len() - line.trim_start_matches(' ').len()]
}

/// How far from the margin a place is, in characters.
pub(super) fn column(text: &str, at: usize) -> usize {
    text[start(text, at)..at].chars().count()
}

/// Whether nothing but a mark stands before a place on its line.
pub(super) fn is_first(text: &str, at: usize, mark: &str) -> bool {
    text[start(text, at)..at].trim() == mark
}

/// Whether nothing but blanks stands on the line of a place.
pub(super) fn is_blank(text: &str, at: usize) -> bool {
    text[start(text, at)..end(text, at)].trim().is_empty()
}

/// How a line ends, if it does.
pub(super) fn break_at(line: &str) -> &'static str {
    if line.ends_with("\r\n") {
        "\r\n"
    } else if line.ends_with('\n') {
        "\n"
    } else {
        ""
    }
}

/// How the lines of a text end.
pub(super) fn break_of(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}
