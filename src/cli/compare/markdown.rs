//! A comparison as Markdown, never longer than a comment on a pull request can be.

use std::fmt::Write as _;

use super::Beside;
use super::draw::{mark, scattered, summary};
use super::parts::{ABSENT, arranged};
use crate::cli::difference::html;
use crate::finding::render::text::with_commas;

/// Characters at the most; GitHub takes 65,536.
const MOST: usize = 60_000;

/// Letters of a value that are shown.
const LONGEST: usize = 60;

pub(super) fn page(beside: &Beside) -> String {
    let mut page = Page { text: String::new(), left: MOST - 300, unsaid: 0 };
    page.add(&format!("### {}\n", summary(beside).trim_end().replace('`', "").replace('\n', "; ")), 0);
    for (section, rows) in beside.sections() {
        let arranged = arranged(rows, &beside.names);
        page.add(&format!("\n#### {}\n", section.title()), 0);
        for matrix in &arranged.matrices {
            let mut head = String::from("\n");
            for column in &matrix.groups {
                if let Some(environments) = &column.environments {
                    let _ = writeln!(head, "- {}: {}", html(&column.name), html(environments));
                }
            }
            head.push_str(if head.len() > 1 { "\n| |" } else { "| |" });
            for column in &matrix.groups {
                let _ = write!(head, " {} |", html(&column.name));
            }
            let _ = write!(head, " schema |\n|---|{}---|\n", "---|".repeat(matrix.groups.len()));
            page.add(&head, 0);
            for (row, texts) in &matrix.rows {
                let mut line = format!("| {} |", code(&row.path));
                for text in texts {
                    let _ = write!(line, " {} |", text.map_or_else(|| ABSENT.to_owned(), code));
                }
                let _ = writeln!(line, " {} |", mark(row).unwrap_or_default());
                page.add(&line, 1);
            }
        }
        if !arranged.scattered.is_empty() || !arranged.own.is_empty() {
            page.add("\n", 0);
        }
        for row in &arranged.scattered {
            page.add(&format!("- {}\n", html(&scattered(row))), 1);
        }
        for row in &arranged.own {
            let count = with_commas(beside.names.len());
            let mark = mark(row).map(|mark| format!(" ({mark})")).unwrap_or_default();
            page.add(&format!("- {}: another one in each of the {count} environments{mark}\n", code(&row.path)), 1);
        }
    }
    let Page { mut text, unsaid, .. } = page;
    if unsaid > 0 {
        let rows = with_commas(unsaid);
        let _ = writeln!(
            text,
            "\nLeft out, since a comment holds no more: {rows} rows. `platc compare -v` shows them all."
        );
    }
    text
}

/// A page that is filled as long as there is room.
struct Page {
    text: String,
    left: usize,
    /// Rows for which there was none.
    unsaid: usize,
}

impl Page {
    /// Adds a part with so many rows, if all of it fits.
    fn add(&mut self, part: &str, rows: usize) {
        if let Some(left) = self.left.checked_sub(part.chars().count()) {
            self.left = left;
            self.text.push_str(part);
        } else {
            self.left = 0;
            self.unsaid += rows;
        }
    }
}

fn code(text: &str) -> String {
    let shown: String = text.chars().take(LONGEST).collect();
    let rest = if shown.len() < text.len() { "…" } else { "" };
    format!("<code>{}{rest}</code>", html(&shown))
}
