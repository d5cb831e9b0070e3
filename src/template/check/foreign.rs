//! Braces that are meant for another tool, as their text shows: GitHub's `${{ }}`, templates of Go. What needs the finished
//! document is judged by [`supplied`](crate::template::supplied).

use std::ops::Range;

use crate::finding::{Finding, codes};
use crate::source::Span;
use crate::template::layout::{Kind, Stretch};

pub(in crate::template) const HELP: &str =
    "for another tool's braces, write them between `{% raw %}` and `{% endraw %}`, or `{{ '{{' }}` for two of them";

/// The same, at the end of another help.
pub(super) const KEEP: &str = "to keep it for another tool, put it between `{% raw %}` and `{% endraw %}`";

/// Whether what stands behind `{{` is written for a template of Go, Handlebars or Mustache.
pub(super) fn is_foreign(inner: &str) -> bool {
    let line = inner.lines().next().unwrap_or_default();
    let inner = line.split("}}").next().unwrap_or_default().trim_matches(['-', ' ']);
    let word = inner.split([' ', '(']).next().unwrap_or_default();
    inner.starts_with(['.', '$', '#', '/', '>', '!', '^', '&', '@', '*', '{', '='])
        || inner.split([' ', '(']).any(|word| word.starts_with(['.', '$']))
        || inner.contains(':')
        || ["range", "end", "if", "else", "with", "include", "template", "define", "block", "printf", "toYaml"]
            .contains(&word)
}

/// What to do about what [`is_foreign`]; `.name` may be Go's word for a setting as well.
pub(super) fn help(inner: &str) -> String {
    let inner = inner.split("}}").next().unwrap_or_default().trim_matches(['-', ' ']);
    let path = inner.strip_prefix('.').filter(|path| path.starts_with(|letter: char| letter.is_ascii_alphabetic()));
    match path.filter(|path| path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte))) {
        Some(path) => format!("settings are called by their names, without a point: `{path}`; {KEEP}"),
        None => HELP.to_owned(),
    }
}

/// `${{ … }}` of GitHub and GitLab, which nothing here means.
pub(super) fn braces(text: &str, stretches: &[Stretch<'_>], at: &dyn Fn(Range<usize>) -> Span) -> Vec<Finding> {
    let prints = stretches.iter().filter(|stretch| stretch.kind == Kind::Print);
    // `${{ '{' }}` is how a template writes `${` before a value.
    let is_constant = |inner: &str| inner.trim_start_matches(['-', '+', ' ']).starts_with(['"', '\'']);
    let is_dollar = |start: usize| text[..start].ends_with('$');
    let dollar =
        prints.filter(|it| is_dollar(it.range.start) && !is_constant(text[it.range.clone()].trim_start_matches("{{")));
    let finding = |stretch: &Stretch<'_>| {
        let range = stretch.range.start - 1..stretch.range.end;
        let finding = Finding::new(&codes::template::FOREIGN_BRACES, at(range), "`${{ … }}` is another tool's");
        finding.label("a value would be put in here").help(
            "to keep it, write it between `{% raw %}` and `{% endraw %}`; for a value behind a dollar sign, `{{ '$' ~ x }}`",
        )
    };
    dollar.map(finding).collect()
}
