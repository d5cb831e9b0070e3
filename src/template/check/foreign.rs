//! Braces that are meant for another tool and would be filled here: GitHub's `${{ }}`, the parameters of an
//! `ApplicationSet`.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::finding::{Finding, codes};
use crate::source::Span;
use crate::template::layout::{Kind, Stretch};

pub(super) const HELP: &str =
    "for another tool's braces, write them between `{% raw %}` and `{% endraw %}`, or `{{ '{{' }}` for two of them";

/// The same, at the end of another help.
pub(super) const KEEP: &str = "to keep it for another tool, put it between `{% raw %}` and `{% endraw %}`";

/// Whether what stands behind `{{` is written for a template of Go, Handlebars or Mustache.
pub(super) fn is_foreign(inner: &str) -> bool {
    let line = inner.lines().next().unwrap_or_default();
    let inner = line.split("}}").next().unwrap_or_default().trim_matches(['-', ' ']);
    let word = inner.split([' ', '(']).next().unwrap_or_default();
    inner.starts_with(['.', '$', '#', '/', '>', '!', '^', '&', '@', '*', '{'])
        || inner.split([' ', '(']).any(|word| word.starts_with(['.', '$']))
        || inner.contains(':')
        || ["range", "end", "if", "else", "with", "include", "template", "define", "block", "printf", "toYaml"]
            .contains(&word)
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

/// Values that the template of an `ApplicationSet` takes from here, and that its own generators supply.
pub(super) fn of_application_sets(
    text: &str,
    stretches: &[Stretch<'_>],
    bound: &BTreeSet<String>,
    at: &dyn Fn(Range<usize>) -> Span,
) -> Vec<Finding> {
    let makes = |line: &str| line.trim().trim_start_matches("- ") == "kind: ApplicationSet";
    // Most templates make none, which is quick to see.
    if !text.contains("kind: ApplicationSet") || !text.lines().any(makes) {
        return Vec::new();
    }
    let Some(generators) = block(text, "generators:") else { return Vec::new() };
    let indent = indent_of(text, generators.start);
    let beside = |key| blocks(text, key).find(|block| indent_of(text, block.start) == indent);
    // With Go templates, its own parameters begin with a dot: one without is meant for here, unless it is written as Argo
    // CD's documentation writes them.
    let is_go = beside("goTemplate:").is_some_and(|block| text[block].lines().next().is_some_and(is_true));
    let filled: Vec<_> = [beside("template:"), beside("templatePatch:")].into_iter().flatten().collect();
    // The second generator of a matrix takes parameters of the first.
    let matrices: Vec<_> = blocks(text, "matrix:").filter(|block| generators.contains(&block.start)).collect();
    let elements: Vec<_> = blocks(text, "elements:").collect();
    let within = |blocks: &[Range<usize>], stretch: &Stretch<'_>| {
        blocks.iter().any(|block| block.contains(&stretch.range.start))
    };
    let is_tight = |stretch: &Stretch<'_>| {
        let inner = text[stretch.range.clone()].trim_start_matches('{');
        inner.starts_with(|char: char| char.is_ascii_alphabetic())
    };
    let is_argos = |stretch: &Stretch<'_>| {
        within(&filled, stretch) && (!is_go || is_tight(stretch))
            || within(&matrices, stretch) && !within(&elements, stretch) && is_tight(stretch)
    };
    let supplied = supplied(&text[generators.clone()]);
    let prints = stretches.iter().filter(|it| it.kind == Kind::Print && is_argos(it));
    let finding = |stretch: &Stretch<'_>| {
        let inner = text[stretch.range.clone()].trim_matches(['{', '}', '-', '+', ' ']);
        let is_path = inner.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '-'));
        let first = inner.split('.').next().filter(|_| is_path)?;
        let is_taken = supplied.contains(first) && !bound.contains(first) && !is_bound_by_front_matter(text, first);
        is_taken.then(|| supplied_here(inner, first, at(stretch.range.clone())))
    };
    prints.filter_map(finding).collect()
}

/// What is said of a value that a generator supplies.
pub(in crate::template) fn supplied_here(inner: &str, first: &str, place: Span) -> Finding {
    let message =
        format!("`{{{{{inner}}}}}` is filled here, and a generator of this ApplicationSet supplies `{first}`");
    Finding::new(&codes::template::FOREIGN_BRACES, place, message)
        .label("Argo CD never sees this")
        .help(format!(
            "for Argo CD, write it between `{{% raw %}}` and `{{% endraw %}}`; for the value of the environment, give it another name: `{{% set x = {first} %}}`"
        ))
}

/// What a kind of generator supplies, as far as it is the same for all of them.
pub(in crate::template) fn supplied_by(kind: &str) -> &'static [&'static str] {
    SUPPLIED.iter().find(|(own, _)| own.trim_end_matches(':') == kind).map_or(&[], |(_, names)| names)
}

/// From docs of Argo CD 3.1, "Generators": what each kind supplies.
const SUPPLIED: &[(&str, &[&str])] = &[
    ("clusters:", &["name", "nameNormalized", "server", "project", "metadata", "values"]),
    ("clusterDecisionResource:", &["name", "server", "clusterName", "metadata", "values"]),
    ("git:", &["path", "values"]),
    (
        "scmProvider:",
        &[
            "organization",
            "repository",
            "repository_id",
            "url",
            "branch",
            "branchNormalized",
            "sha",
            "short_sha",
            "short_sha_7",
            "labels",
            "values",
        ],
    ),
    (
        "pullRequest:",
        &[
            "number",
            "title",
            "branch",
            "branch_slug",
            "target_branch",
            "target_branch_slug",
            "head_sha",
            "head_short_sha",
            "head_short_sha_7",
            "labels",
            "author",
            "values",
        ],
    ),
];

fn supplied(generators: &str) -> BTreeSet<&str> {
    let word = |word: &&str| generators.split([' ', '\n', '{', ',', '[']).any(|part| part == *word);
    let mut names: BTreeSet<&str> =
        SUPPLIED.iter().filter(|(kind, _)| word(kind)).flat_map(|(_, names)| names.iter().copied()).collect();
    for elements in blocks(generators, "elements:") {
        let start = generators[..elements.start].rfind('\n').map_or(0, |end| end + 1);
        let written = generators[start..elements.end].trim_start().trim_start_matches("elements:");
        for part in written.split([',', '{', '\n', '[']) {
            let part = part.trim().trim_start_matches("- ").trim();
            if let Some((key, rest)) = part.split_once(':')
                && (rest.is_empty() || rest.starts_with(' '))
                && key.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-'))
            {
                names.insert(key);
            }
        }
    }
    names
}

/// Whether a line sets its key to `true`.
fn is_true(line: &str) -> bool {
    let value = line.split_once(':').map_or("", |(_, value)| value);
    value.split(" #").next().is_some_and(|value| value.trim() == "true")
}

fn indent_of(text: &str, start: usize) -> usize {
    let line = text[..start].rfind('\n').map_or(0, |end| end + 1);
    text[line..].len() - text[line..].trim_start_matches([' ', '-']).len()
}

fn block(text: &str, key: &str) -> Option<Range<usize>> {
    blocks(text, key).next()
}

/// What stands at a key: from the key to the next line that is indented no more than it.
fn blocks<'t>(text: &'t str, key: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    let mut start = 0;
    let lines: Vec<(usize, &str)> = text
        .split_inclusive('\n')
        .map(|line| {
            start += line.len();
            (start - line.len(), line)
        })
        .collect();
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
    let begins = |line: &str| line.trim_start_matches([' ', '-']).starts_with(key);
    let starts: Vec<usize> = (0..lines.len()).filter(|at| begins(lines[*at].1)).collect();
    starts.into_iter().map(move |first| {
        let (start, line) = lines[first];
        let own = indent(line);
        let is_over = |(_, line): &&(usize, &str)| {
            let is_blank = line.trim().is_empty() || line.trim_start().starts_with(['#', '{']);
            let is_item = line.trim_start().starts_with("- ");
            let column = line.len() - line.trim_start_matches(' ').len();
            !is_blank && column <= own && !(is_item && column == own)
        };
        let end = lines[first + 1..].iter().find(is_over).map_or(text.len(), |(end, _)| *end);
        start + own..end
    })
}

/// Whether `for_each` binds a name: what is printed then is its, not the environment's.
fn is_bound_by_front_matter(text: &str, name: &str) -> bool {
    let line = text.lines().map(str::trim).find_map(|line| line.strip_prefix("for_each:"));
    let names = line.and_then(|line| line.split_once(" in ")).map(|(names, _)| names);
    names.is_some_and(|names| names.split(',').any(|bound| bound.trim().trim_matches(['"', '\'']) == name))
}
