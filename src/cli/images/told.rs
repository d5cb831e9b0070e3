//! What an environment tells of its images: one line for each place that names one.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::check::Place;
use crate::cli::mask::Mask;
use crate::images::{self, Image, Part};
use crate::pipeline::{Asking, Seen};
use crate::rules::HIDDEN;
use crate::source::Position;

pub(super) struct Asks;

/// A line of an answer, as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Line {
    Image(Box<Told>),
    /// A chart that is installed.
    Chart(Chart),
}

/// A chart, which may run images that it names itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Chart {
    pub(super) chart: String,
    pub(super) version: Option<String>,
}

/// One image at one place.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Told {
    /// Registry, repository, tag and digest.
    pub(super) parts: [Option<String>; 4],
    pub(super) of_chart: Vec<String>,
    pub(super) implied: Vec<String>,
    pub(super) by: Use,
}

/// A place that names an image.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Use {
    /// What runs it: an object, or a release of a chart.
    pub(super) subject: String,
    /// The file of the tree, and the path in it.
    pub(super) artifact: String,
    pub(super) path: String,
    /// What reaches the cluster may be another one.
    pub(super) may_change: bool,
    /// Where its parts are set.
    pub(super) set: Vec<Set>,
}

/// The line that somebody wrote, and which parts it sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Set {
    pub(super) parts: Vec<String>,
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Use {
    pub(super) fn place(&self) -> (&str, &str) {
        (&self.artifact, &self.path)
    }
}

const PARTS: [&str; 4] = ["registry", "repository", "tag", "digest"];

impl Asking for Asks {
    fn question(&self) -> &'static str {
        "images"
    }

    fn answer(&self, seen: &Seen<'_>) -> Vec<String> {
        let images = images::of(seen.view);
        let mask = Mask::of(seen.environment, seen.schema);
        let places: Vec<(Place, Option<Range<usize>>)> = images.iter().flat_map(places).collect();
        let mut written = seen.written(&places).into_iter();
        let mut lines = Vec::with_capacity(images.len());
        for image in &images {
            let mut set: Vec<Set> = Vec::new();
            let mut is_secret = [false; 4];
            for (number, name) in PARTS.iter().enumerate() {
                if !matches!(image.parts()[number], Part::Set { .. }) {
                    continue;
                }
                let Some(written) = written.next() else { continue };
                is_secret[number] = written.is_secret;
                for span in written.spans {
                    let source = seen.sources.get(span.file);
                    let Position { line, column } = source.position(span.start);
                    add(&mut set, name, source.path().as_str(), (line, column));
                }
            }
            let shown = |number: usize| {
                let text = image.parts()[number].text()?;
                Some(if is_secret[number] { HIDDEN.to_owned() } else { mask.text(text).into_owned() })
            };
            let named = |wanted: fn(&Part) -> bool| {
                let parts = PARTS.iter().zip(image.parts()).filter(|(_, part)| wanted(part));
                parts.map(|(name, _)| (*name).to_owned()).collect()
            };
            let told = Told {
                parts: [shown(0), shown(1), shown(2), shown(3)],
                of_chart: named(|part| *part == Part::OfChart),
                implied: named(|part| matches!(part, Part::Implied(_))),
                by: Use {
                    subject: image.subject.clone(),
                    artifact: seen.view.artifact(&image.place).path.to_string(),
                    path: image.place.path.to_string(),
                    may_change: image.may_change,
                    set,
                },
            };
            lines.push(Line::Image(Box::new(told)));
        }
        let charts = seen.view.releases().iter().map(|release| Chart {
            chart: release.chart_name().to_owned(),
            version: release.version.map(str::to_owned),
        });
        lines.extend(charts.map(Line::Chart));
        lines.iter().filter_map(|line| serde_json::to_string(line).ok()).collect()
    }
}

/// A line of an answer, if it is as this build writes it.
pub(super) fn read(line: &str) -> Option<Line> {
    serde_json::from_str(line).ok()
}

/// Where the parts of an image are set in the tree.
fn places(image: &Image) -> Vec<(Place, Option<Range<usize>>)> {
    let place = |part: &Part| match part {
        Part::Set { at, range, .. } => Some((at.clone(), range.clone())),
        Part::None | Part::Implied(_) | Part::OfChart => None,
    };
    image.parts().into_iter().filter_map(place).collect()
}

/// Notes that a part is set at a place.
fn add(set: &mut Vec<Set>, part: &str, file: &str, (line, column): (u32, u32)) {
    match set.iter_mut().find(|it| it.file == file && (it.line, it.column) == (line, column)) {
        Some(known) if known.parts.iter().any(|it| it == part) => {}
        Some(known) => known.parts.push(part.to_owned()),
        None => set.push(Set { parts: vec![part.to_owned()], file: file.to_owned(), line, column }),
    }
}
