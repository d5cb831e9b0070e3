//! Differences as a comment on a pull request: what they do first, the worst on top, the lines folded, and never more than
//! such a comment can hold.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use super::Differences;
use super::impact::{Row, alike, places};
use super::show::Changed;
use crate::check::Consequence;
use crate::diff::draw;
use crate::finding::render::{safe, text};

/// By which a comment is found again, to renew it.
const MARKER: &str = "<!-- platc impact -->";

/// Characters of a comment at the most; GitHub takes 65,536.
const MOST: usize = 60_000;

/// What is kept for saying what was left out.
const RESERVE: usize = 600;

/// Environments that are called by their names.
const NAMED: usize = 5;

/// Things of one sentence and one cause that are called by their names.
const LISTED: usize = 10;

/// A comment that is filled as long as there is room.
struct Comment {
    text: String,
    left: usize,
}

impl Comment {
    /// Adds a part, if all of it fits.
    fn add(&mut self, part: &str) -> bool {
        let Some(left) = self.left.checked_sub(part.chars().count()) else { return false };
        self.left = left;
        self.text.push_str(part);
        true
    }
}

impl Differences<'_> {
    /// The comment, whatever the size of the change.
    pub(super) fn markdown(&self) -> String {
        let rows = self.rows();
        let mut comment = Comment { text: String::new(), left: MOST - RESERVE };
        comment.add(&format!("{MARKER}\n### {}\n\n", self.headline(&rows)));
        comment.add(&table(&rows));
        let mut unsaid = 0;
        for consequence in Consequence::ALL {
            let own: Vec<Row<'_>> = rows.iter().filter(|row| row.effect.consequence == *consequence).cloned().collect();
            unsaid += self.section(*consequence, &own, &mut comment);
        }
        let unshown = self.lines(&mut comment);
        let mut text = comment.text;
        if unsaid + unshown > 0 {
            let _ = writeln!(
                text,
                "\nLeft out, since a comment holds no more: {} and {}. `platc diff --view impact -v` and `platc diff -v` \
                 show them all.",
                counted(unsaid, "effect"),
                counted(unshown, "changed file")
            );
        }
        text
    }

    fn headline(&self, rows: &[Row<'_>]) -> String {
        let differing = self.differing().count();
        let of = if self.all.len() == 1 {
            self.all.first().map(|it| format!("<code>{}</code>", html(&it.name))).unwrap_or_default()
        } else {
            format!("{} of {}", text::with_commas(differing), counted(self.all.len(), "environment"))
        };
        match rows.first().map(|row| row.effect.consequence) {
            _ if differing == 0 => "Nothing changes in what is deployed".to_owned(),
            None => format!("{of}: the files change, and nothing that is deployed by them"),
            Some(worst) => format!("{of}: {}", worst.word()),
        }
    }

    /// What has one consequence: the worse ones in sight, the others folded. Says how many were left out.
    fn section(&self, consequence: Consequence, rows: &[Row<'_>], comment: &mut Comment) -> usize {
        if rows.is_empty() {
            return 0;
        }
        let is_folded = consequence >= Consequence::InPlace;
        let word = consequence.word();
        let (head, foot) = if is_folded {
            (format!("\n<details><summary>{word}: {}</summary>\n\n", text::with_commas(rows.len())), "\n</details>\n")
        } else {
            (format!("\n#### {word}\n\n"), "")
        };
        let reserved = foot.len();
        if comment.left < reserved || !comment.add(&head) {
            return rows.len();
        }
        comment.left -= reserved;
        let mut unsaid = 0;
        for group in alike(rows) {
            let part = self.item(&group);
            if unsaid > 0 || !comment.add(&part) {
                unsaid += group.len();
            }
        }
        if unsaid > 0 {
            comment.add(&format!("- … and {} more\n", text::with_commas(unsaid)));
        }
        comment.left += reserved;
        comment.add(foot);
        unsaid
    }

    fn item(&self, group: &[&Row<'_>]) -> String {
        let [first, rest @ ..] = group else { return String::new() };
        let finding = &first.effect.finding;
        let mut item = format!("- <code>{}</code>: {}", html(first.subject()), worded(&finding.message));
        if !rest.is_empty() {
            let named = rest.iter().take(LISTED).map(|row| format!("<code>{}</code>", html(row.subject())));
            let named = named.collect::<Vec<_>>().join(", ");
            let more = rest.len().saturating_sub(LISTED);
            let more = if more > 0 { format!(" and {} more", text::with_commas(more)) } else { String::new() };
            let _ = write!(item, "<br>the same of {named}{more}");
        }
        let causes = places(first.effect, self.report.sources());
        if !causes.is_empty() {
            let causes: Vec<String> = causes.iter().map(|it| format!("<code>{}</code>", html(it))).collect();
            let _ = write!(item, "<br>by {}", causes.join(", "));
        }
        if self.all.len() > 1 {
            let _ = write!(item, "<br>in {}", self.whose(&first.environments));
        }
        if let Some(known) = &finding.acknowledged {
            let _ = write!(item, "<br>acknowledged: {}", html(&known.reason));
        }
        item.push('\n');
        item
    }

    /// `612 of 1,000 environments`; few by their names, and those without it if they are fewer.
    fn whose(&self, environments: &BTreeSet<&Arc<str>>) -> String {
        let name = |it: &&Arc<str>| format!("<code>{}</code>", html(it));
        let (count, all) = (environments.len(), self.all.len());
        let others: Vec<&Arc<str>> =
            self.all.iter().map(|it| &it.name).filter(|name| !environments.contains(name)).collect();
        if count == all {
            return format!("all {}", counted(all, "environment"));
        }
        if count <= NAMED {
            return environments.iter().map(name).collect::<Vec<_>>().join(", ");
        }
        let of = format!("{} of {}", text::with_commas(count), counted(all, "environment"));
        if others.len() <= NAMED {
            let names: Vec<String> = others.iter().map(name).collect();
            return format!("{of}, all but {}", names.join(", "));
        }
        of
    }

    /// The lines of each file that changes, folded. Says how many were left out.
    fn lines(&self, comment: &mut Comment) -> usize {
        let mut unshown = 0;
        for changed in Self::changed(self.differing()) {
            let part = self.file(&changed);
            if !comment.add(&part) {
                unshown += 1;
            }
        }
        unshown
    }

    fn file(&self, changed: &Changed<'_>) -> String {
        let drawn = draw::unified(std::slice::from_ref(changed.file), &changed.first.sides, false);
        let longest = drawn.lines().map(|line| line.chars().filter(|letter| *letter == '`').count()).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        let (path, added, removed) = (&changed.file.path, changed.file.added, changed.file.removed);
        let environments: BTreeSet<&Arc<str>> = changed.environments.iter().copied().collect();
        let whose = if self.all.len() > 1 { format!(", in {}", self.whose(&environments)) } else { String::new() };
        format!(
            "\n<details><summary><code>{}</code> +{added} −{removed}{whose}</summary>\n\n{fence}diff\n{drawn}{fence}\n\n\
             </details>\n",
            html(path.as_str())
        )
    }
}

fn table(rows: &[Row<'_>]) -> String {
    let mut table = String::new();
    for consequence in Consequence::ALL {
        let own = rows.iter().filter(|row| row.effect.consequence == *consequence);
        let acknowledged = own.clone().filter(|row| row.effect.finding.acknowledged.is_some()).count();
        let count = own.count();
        if count == 0 {
            continue;
        }
        if table.is_empty() {
            table.push_str("| what becomes of it | | |\n|---|---:|---|\n");
        }
        let known = if acknowledged > 0 { format!(", {acknowledged} acknowledged") } else { String::new() };
        let (word, count) = (consequence.word(), text::with_commas(count));
        let _ = writeln!(table, "| **{word}** | {count} | {}{known} |", consequence.meaning());
    }
    table
}

fn counted(count: usize, what: &str) -> String {
    format!("{} {what}{}", text::with_commas(count), if count == 1 { "" } else { "s" })
}

/// A sentence, with what stands in backticks as code.
fn worded(sentence: &str) -> String {
    let parts = sentence.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { format!("<code>{}</code>", html(part)) } else { html(part) }).collect()
}

/// Text that says nothing but itself: no markup, no mention of anybody, no link.
pub(in crate::cli) fn html(text: &str) -> String {
    let mut said = String::new();
    for letter in safe::line(text).chars() {
        if letter.is_ascii_punctuation() && !".,:;/-=+%".contains(letter) {
            let _ = write!(said, "&#{};", letter as u32);
        } else {
            said.push(letter);
        }
    }
    // Nor does an address lead anywhere.
    said.replace("://", "&#58;//")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_markup() {
        assert_eq!(
            worded("`a|b` is <b>gone</b>, @all"),
            "<code>a&#124;b</code> is &#60;b&#62;gone&#60;/b&#62;, &#64;all"
        );
        assert_eq!(html("environments/prod.yaml:3:4"), "environments/prod.yaml:3:4");
    }
}
