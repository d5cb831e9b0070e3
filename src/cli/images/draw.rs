//! Images as text: each by its name, with the lines that set it and what runs it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use super::told::Set;
use super::{Image, Listed};
use crate::finding::render::safe;
use crate::finding::render::text::{Look, with_commas};

/// Environments, or users of one image, that are called by their names.
const NAMED: usize = 5;

/// What stands for a part that the chart completes.
const OF_CHART: &str = "(chart)";

/// `all` is how many environments there are without errors.
pub(super) fn text(listed: &Listed<'_>, names: &[Arc<str>], all: usize, look: Look) -> String {
    let mut out = String::new();
    for image in &listed.images {
        let strong = safe::line(&image.name()).into_owned();
        let strong = if look.colour { format!("\x1b[1m{strong}\x1b[0m") } else { strong };
        let _ = writeln!(out, "{strong}");
        if names.len() > 1 {
            let _ = writeln!(out, "  in      {}", environments(&image.environments(names), all));
        }
        for (number, set) in lines(image.set()).iter().enumerate() {
            let word = if number == 0 { "set at" } else { "" };
            let _ = writeln!(out, "  {word:6}  {}", safe::line(&place(set)));
        }
        let mut users = image.users();
        let more = users.len().saturating_sub(NAMED);
        users.truncate(NAMED);
        for (number, user) in users.iter().enumerate() {
            let word = if number == 0 { "for" } else { "" };
            let _ = writeln!(out, "  {word:6}  {}", safe::line(user));
        }
        if more > 0 {
            let _ = writeln!(out, "          … and {} more", with_commas(more));
        }
        out.push('\n');
    }
    out + &summary(listed, all)
}

/// How many there are, and what is not known of them.
fn summary(Listed { images, charts }: &Listed<'_>, environments: usize) -> String {
    let count = |number: usize, noun: &str| {
        let number_shown = with_commas(number);
        if number == 1 { format!("1 {noun}") } else { format!("{number_shown} {noun}s") }
    };
    let mut out = format!("{} in {}\n", count(images.len(), "image"), count(environments, "environment"));
    if !charts.is_empty() {
        let names: BTreeSet<&str> = charts.iter().map(|it| it.chart.chart.as_str()).collect();
        let (verb, whose) = if names.len() == 1 { ("runs", "its") } else { ("run", "their") };
        let _ = writeln!(
            out,
            "{} {verb} what {whose} own defaults name beside these, which is not in the tree",
            count(names.len(), "chart")
        );
    }
    if images.iter().any(|image| !image.of_chart.is_empty()) {
        let _ = writeln!(out, "{OF_CHART}: the chart completes it by its own defaults, which are not looked up");
    }
    if images.iter().any(Image::may_change) {
        out.push_str(
            "(may change): something on the way to the cluster patches it, or sets values that are not in the tree\n",
        );
    }
    out
}

fn place(Set { parts, file, line, column }: &Set) -> String {
    format!("{file}:{line}:{column}  {}", parts.join(", "))
}

/// Parts that are set on one line, at once.
fn lines(all: Vec<Set>) -> Vec<Set> {
    let mut lines: Vec<Set> = Vec::with_capacity(all.len());
    for set in all {
        match lines.last_mut().filter(|last| last.file == set.file && last.line == set.line) {
            Some(last) => last.parts.extend(set.parts),
            None => lines.push(set),
        }
    }
    lines
}

/// `dev, prod`, or `612 of 1,000`.
fn environments(having: &[Arc<str>], all: usize) -> String {
    let names =
        |names: &[Arc<str>]| names.iter().map(|name| safe::line(name).into_owned()).collect::<Vec<_>>().join(", ");
    match having.len() {
        count if count == all && count > NAMED => format!("all {} environments", with_commas(count)),
        count if count <= NAMED => names(having),
        count => format!("{} of {}: {}, …", with_commas(count), with_commas(all), names(&having[..NAMED - 2])),
    }
}

impl Image<'_> {
    /// The whole name, with a sign for what the chart completes.
    fn name(&self) -> String {
        let is_of_chart = |part: &str| self.of_chart.iter().any(|it| it == part);
        let part =
            |own: &Option<String>, name: &str| own.clone().or_else(|| is_of_chart(name).then(|| OF_CHART.to_owned()));
        let mut name = part(&self.registry, "registry").map_or_else(String::new, |registry| registry + "/");
        name += &part(&self.repository, "repository").unwrap_or_default();
        let tag = part(&self.tag, "tag").or_else(|| {
            // An image that says neither has the tag that the container runtime takes.
            (self.digest.is_none() && self.registry.is_some()).then(|| "latest (implied)".to_owned())
        });
        if let Some(tag) = tag {
            let _ = write!(name, ":{tag}");
        }
        if let Some(digest) = &self.digest {
            let _ = write!(name, "@{digest}");
        }
        name
    }

    fn may_change(&self) -> bool {
        self.uses.iter().any(|used| used.by.may_change)
    }

    /// The lines that set it, each once.
    fn set(&self) -> Vec<Set> {
        let mut all: Vec<Set> = Vec::new();
        for set in self.uses.iter().flat_map(|used| &used.by.set) {
            if !all.contains(set) {
                all.push(set.clone());
            }
        }
        all.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        all
    }

    /// What runs it, each once.
    fn users(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for used in &self.uses {
            let sign = if used.by.may_change { " (may change)" } else { "" };
            let user = format!("{}  {} {}{sign}", used.by.subject, used.by.artifact, used.by.path);
            if !all.contains(&user) {
                all.push(user);
            }
        }
        all
    }
}
