//! [`Report`]: what checks say. A check names places in artifacts; what the user wrote there is looked up later, and
//! only for what was said.

use super::view::Place;
use crate::finding::{Rule, Wording};
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
#[derive(Debug)]
pub struct Draft {
    pub rule: &'static Rule,
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
}

/// A place in an artifact of one of several environments, by its position among them.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    pub(crate) environment: usize,
    pub(crate) at: At,
    /// The part of the text at the place that matters.
    pub(crate) about: Option<String>,
    /// It is the key that matters, not its value.
    pub(crate) key: bool,
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
            wording: Wording::here(),
            message,
            spot,
            label: String::new(),
            related: Vec::new(),
            help: None,
            subject: None,
            conceal: false,
            yields: false,
        }
    }

    /// Its place, if it is one of an artifact.
    pub(crate) fn rendered(&self) -> Option<&Place> {
        match &self.spot.at {
            At::Rendered(place) => Some(place),
            At::Written(_) => None,
        }
    }

    /// Words at the place.
    pub fn label(&mut self, text: impl Into<String>) -> &mut Self {
        self.label = text.into();
        self
    }

    /// The part of the text at the place that is wrong: it says which of several values in one text is meant, and is
    /// what gets underlined.
    pub fn about(&mut self, part: impl Into<String>) -> &mut Self {
        self.spot.about = Some(part.into()).filter(|part| !part.is_empty());
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
    pub fn also_about(
        &mut self,
        place: impl Into<Place>,
        part: impl Into<String>,
        text: impl Into<String>,
    ) -> &mut Self {
        self.also(place, text);
        if let Some((spot, _)) = self.related.last_mut() {
            spot.about = Some(part.into()).filter(|part| !part.is_empty());
        }
        self
    }

    /// A place in a file that somebody wrote.
    pub(crate) fn beside(&mut self, span: Span, text: impl Into<String>) -> &mut Self {
        let spot = Spot { environment: self.spot.environment, at: At::Written(span), about: None, key: false };
        self.related.push((spot, text.into()));
        self
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
