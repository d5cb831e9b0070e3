//! [`Report`]: what checks say. A check names places in artifacts; what the user wrote there is looked up later, and
//! only for what was said.

use std::ops::Range;

use super::view::{Node, Place};
use crate::finding::{Rule, Severity, Wording};
use crate::source::Span;

/// All that the checks said about one environment.
#[derive(Debug, Default)]
pub struct Report {
    drafts: Vec<Draft>,
}

impl Report {
    /// Says that a rule is broken at a place. The sentence follows the pattern of all findings: lower case, names in
    /// backticks, no full stop. What is returned takes the rest.
    #[track_caller]
    pub fn at(&mut self, rule: &'static Rule, place: impl Into<Place>, message: impl Into<String>) -> &mut Draft {
        self.say(Draft::new(
            rule,
            Spot { environment: 0, at: At::Rendered(place.into()), about: None, key: false },
            message.into(),
        ))
    }

    /// Says that a rule is broken where no artifact is to blame.
    #[track_caller]
    pub(crate) fn elsewhere(&mut self, rule: &'static Rule, span: Span, message: impl Into<String>) -> &mut Draft {
        self.say(Draft::new(
            rule,
            Spot { environment: 0, at: At::Written(span), about: None, key: false },
            message.into(),
        ))
    }

    pub(crate) fn say(&mut self, draft: Draft) -> &mut Draft {
        self.drafts.push(draft);
        let last = self.drafts.len() - 1;
        &mut self.drafts[last]
    }

    pub fn drafts(&self) -> &[Draft] {
        &self.drafts
    }

    pub fn into_drafts(self) -> Vec<Draft> {
        self.drafts
    }
}

/// A finding about places in artifacts.
#[derive(Clone, Debug)]
pub struct Draft {
    pub rule: &'static Rule,
    /// The rule's own, or a warning where less is certain.
    pub(crate) severity: Severity,
    pub(crate) wording: Wording,
    pub(crate) message: String,
    pub(crate) spot: Spot,
    pub(crate) label: String,
    pub(crate) related: Vec<(Spot, String)>,
    pub(crate) help: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) conceal: bool,
    /// It is left out where another rule says something of the same place.
    pub(crate) yields: bool,
    /// Where it stood in the tree before, of something that is there no more, or of what is in it.
    pub(crate) stood: Vec<Place>,
    /// Values that are not what they were, by which it is so.
    pub(crate) culprits: Vec<Culprit>,
}

/// A value that is not what it was.
#[derive(Clone, Debug)]
pub(crate) struct Culprit {
    pub(crate) place: Place,
    /// Its text before, if it was one.
    pub(crate) was: Option<String>,
}

/// A place in an artifact of one of several environments, by its position among them.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    pub(crate) environment: usize,
    pub(crate) at: At,
    /// The part of the text at the place that matters.
    pub(crate) about: Option<Part>,
    /// It is the key that matters, not its value.
    pub(crate) key: bool,
}

/// A part of a text, by its bytes there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) range: Range<usize>,
    pub(crate) text: String,
}

impl Part {
    /// `part` is a slice of `text`: where it lies there is not looked for. Of what is none nothing is known.
    fn of(text: &str, part: &str) -> Option<Self> {
        let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
        let range = start..start + part.len();
        let is_slice = !part.is_empty() && range.end <= text.len();
        is_slice.then(|| Self { range, text: part.to_owned() })
    }
}

#[derive(Clone, Debug)]
pub(crate) enum At {
    Rendered(Place),
    /// In a file that somebody wrote.
    Written(Span),
}

impl Draft {
    #[track_caller]
    pub(crate) fn new(rule: &'static Rule, spot: Spot, message: String) -> Self {
        Self {
            rule,
            severity: rule.severity,
            wording: Wording::here(),
            message,
            spot,
            label: String::new(),
            related: Vec::new(),
            help: None,
            subject: None,
            conceal: false,
            yields: false,
            stood: Vec::new(),
            culprits: Vec::new(),
        }
    }

    /// Its place, if it is one of an artifact.
    pub(crate) fn rendered(&self) -> Option<&Place> {
        match &self.spot.at {
            At::Rendered(place) => Some(place),
            At::Written(_) => None,
        }
    }

    /// It may be as it should be: what would tell is not in the tree.
    pub fn warning(&mut self) -> &mut Self {
        self.severity = Severity::Warning;
        self
    }

    /// A value that is not what it was is the cause.
    pub(crate) fn caused_by(&mut self, place: impl Into<Place>, was: Option<&str>) -> &mut Self {
        self.culprits.push(Culprit { place: place.into(), was: was.map(str::to_owned) });
        self
    }

    /// The sentence is another's.
    pub(crate) fn worded(&mut self, wording: Wording) -> &mut Self {
        self.wording = wording;
        self
    }

    /// Words at the place.
    pub fn label(&mut self, text: impl Into<String>) -> &mut Self {
        self.label = text.into();
        self
    }

    /// The part of the text at the place that is wrong, a slice of that text: it says which of several values in one
    /// text is meant, and is what gets underlined.
    pub fn about(&mut self, text: &str, part: &str) -> &mut Self {
        self.spot.about = Part::of(text, part);
        self
    }

    /// The same, for what a part of the text lies in.
    pub fn about_range(&mut self, text: &str, range: Range<usize>) -> &mut Self {
        self.spot.about = text.get(range.clone()).map(|part| Part { range, text: part.to_owned() });
        self
    }

    /// It is the key that is wrong: whoever wrote that is told, not whoever set its value.
    pub fn about_key(&mut self) -> &mut Self {
        self.spot.key = true;
        self
    }

    /// Another place involved, of the same environment.
    pub fn also(&mut self, place: impl Into<Place>, text: impl Into<String>) -> &mut Self {
        let spot = Spot { environment: self.spot.environment, at: At::Rendered(place.into()), about: None, key: false };
        self.related.push((spot, text.into()));
        self
    }

    /// Another place involved, and the part of its text that matters, as with [`about`](Self::about).
    pub fn also_about(&mut self, node: &Node<'_>, part: &str, text: impl Into<String>) -> &mut Self {
        self.also(node, text);
        if let Some((spot, _)) = self.related.last_mut() {
            spot.about = node.text().and_then(|text| Part::of(text, part));
        }
        self
    }

    /// A place in a file that somebody wrote.
    pub(crate) fn beside(&mut self, span: Span, text: impl Into<String>) -> &mut Self {
        let spot = Spot { environment: self.spot.environment, at: At::Written(span), about: None, key: false };
        self.related.push((spot, text.into()));
        self
    }

    /// It is there no more: whoever took it away caused this.
    pub(crate) fn stood(&mut self, place: impl Into<Place>) -> &mut Self {
        self.stood.push(place.into());
        self
    }

    /// It is said of another line that somebody wrote; what was its place is shown beside it.
    pub(crate) fn lead_to(&mut self, span: Span) {
        let at = Spot { environment: self.spot.environment, at: At::Written(span), about: None, key: false };
        let place = std::mem::replace(&mut self.spot, at);
        self.related.insert(0, (place, std::mem::take(&mut self.label)));
        "by this change".clone_into(&mut self.label);
    }

    /// What to do.
    pub fn help(&mut self, text: impl Into<String>) -> &mut Self {
        self.help = Some(text.into());
        self
    }

    /// What an acknowledgement names, where the resource, object or file around the place is not it.
    pub fn subject(&mut self, subject: impl Into<String>) -> &mut Self {
        self.subject = Some(subject.into());
        self
    }

    /// Only where no check says anything of the same place: a rule of its own says it better than a table.
    pub fn unless_said(&mut self) -> &mut Self {
        self.yields = true;
        self
    }

    /// The places hold a secret: nothing of them may be shown.
    pub fn concealing(&mut self) -> &mut Self {
        self.conceal = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Part;

    #[test]
    fn a_part_knows_where_it_lies() {
        let text = "a:a:a".to_owned();
        let last = text.rsplit(':').next().unwrap();
        assert_eq!(Part::of(&text, last).map(|part| part.range), Some(4..5));
        assert_eq!(Part::of(&text, &text).map(|part| part.range), Some(0..5));
        assert_eq!(Part::of(&text, "a"), None);
        assert_eq!(Part::of(&text[..3], last), None);
    }
}
