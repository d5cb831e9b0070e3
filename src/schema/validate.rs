//! Judging a value, and turning each error into a finding at the line that set the value. The judge's own words are
//! never shown: it knows neither files nor layers.

use std::collections::BTreeMap;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::Value as Json;

use super::format::{self, Check};
use super::instance::{Instance, Place};
use super::quick::{Quick, Verdict};
use super::wording;
use super::{Schema, Shape, work};
use crate::account::{Account, Cost, Work};
use crate::finding::codes::project::MORE_FINDINGS;
use crate::finding::codes::schema as rules;
use crate::finding::suggest::{did_you_mean, nearest};
use crate::finding::{Finding, Rule, veil_own};
use crate::source::{Sources, Span};
use crate::yaml::Types;
use crate::yaml::path::{Path, Step};
use crate::yaml::scalar::{self, Plain};

/// The compiled schema. Built when a first value is judged.
#[derive(Debug)]
pub(super) struct Judge(Result<Validator, ()>);

impl Judge {
    pub(super) fn new(document: &Json) -> Self {
        let mut options = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_pattern_options(PatternOptions::regex())
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true);
        for (name, check) in format::FORMATS {
            options = match check {
                Check::Standard => options,
                Check::Own(check) => options.with_format(*name, *check),
                Check::Remark => options.with_format(*name, |_: &str| true),
            };
        }
        Self(options.build(document).map_err(|_| ()))
    }

    /// Nothing if the schema cannot be compiled.
    pub(super) fn validator(&self) -> Option<&Validator> {
        self.0.as_ref().ok()
    }
}

/// One value being judged.
pub(super) struct Validation<'a> {
    pub(super) schema: &'a Schema,
    pub(super) instance: &'a dyn Instance,
    pub(super) json: &'a Json,
    pub(super) sources: &'a Sources,
    pub(super) account: &'a Account,
    pub(super) found: Vec<Found>,
    /// Errors that are counted, not worded.
    hidden: usize,
    /// Suggestions that may still be looked for.
    suggestions: usize,
}

/// Errors of one value that are worded: more would not be read, and their text would fill the memory.
const WORDED: usize = 1_000;
/// Suggestions that are looked for: each reads all that could be meant.
const SUGGESTIONS: usize = 20;

/// All single values in a value, as they are said.
fn for_each_word(json: &Json, look: &mut impl FnMut(&str)) {
    match json {
        Json::Null => {}
        Json::Bool(_) | Json::Number(_) => look(&json.to_string()),
        Json::String(text) => look(text),
        Json::Array(items) => items.iter().for_each(|item| for_each_word(item, look)),
        Json::Object(entries) => entries.values().for_each(|value| for_each_word(value, look)),
    }
}

/// A finding and the place in the value that it is about.
pub(super) struct Found {
    pub(super) path: Path,
    /// A value of the wrong type is not told that it is also too long: of the findings about one place only those with
    /// the lowest rank stay.
    pub(super) rank: u8,
    /// The value does not have the form that the schema's rules rely on.
    pub(super) structural: bool,
    pub(super) finding: Finding,
}

impl<'a> Validation<'a> {
    pub(super) fn new(
        schema: &'a Schema,
        instance: &'a dyn Instance,
        json: &'a Json,
        sources: &'a Sources,
        account: &'a Account,
    ) -> Self {
        Self { schema, instance, json, sources, account, found: Vec::new(), hidden: 0, suggestions: SUGGESTIONS }
    }
}

impl Validation<'_> {
    /// Findings with the places in the value that they are about.
    pub(super) fn run_to_paths(mut self) -> Vec<(Path, Finding)> {
        self.charge(Cost::steps(work::weight(self.json)), Work::Schema);
        let quick = Quick::new(&self.schema.document, &self.schema.patterns, self.account.left().steps);
        let verdict = quick.judge(self.json);
        self.charge(Cost::steps(quick.spent()), Work::Schema);
        if quick.is_spent() {
            self.charge(Cost::steps(1), Work::Schema);
            self.refuse_repetition();
            return self.collapse();
        }
        if quick.is_too_deep() {
            self.refuse(
                "the schema combines others deeper than can be judged",
                "it combines schemas that combine schemas; refer to each once",
            );
            return self.collapse();
        }
        if verdict != Verdict::Fits {
            self.find_errors();
        }
        if self.schema.has_marks {
            self.check_marks();
        }
        if self.schema.has_rules {
            self.evaluate_rules();
        }
        self.collapse()
    }

    fn find_errors(&mut self) {
        let schema = self.schema;
        let json = self.json;
        let building = schema.building();
        let left = self.account.left();
        let bound = Some(building).filter(|cost| !cost.exceeds(left));
        let bound = bound.and_then(|_| work::bound(&schema.document, &schema.patterns, json, left.minus(building)));
        let Some(bound) = bound else {
            self.charge(left.plus(Cost::steps(1)), Work::Schema);
            self.refuse_repetition();
            return;
        };
        self.charge(building.plus(bound), Work::Schema);
        let Some(validator) = schema.judge.get_or_init(|| Judge::new(&schema.document)).validator() else {
            return self.refuse("the schema cannot be applied", "its parts contradict what the judge can compile");
        };
        for error in validator.iter_errors(json) {
            if self.found.len() < WORDED {
                self.explain(&error);
                // A message has the way to the value, and a path has its steps.
                let way = error.instance_path().as_str().len() as u64;
                self.charge(Cost { steps: 200 + way, bytes: 400 + 4 * way }, Work::Findings);
            } else {
                self.hidden += 1;
            }
        }
    }

    pub(super) fn charge(&self, cost: Cost, work: Work) {
        self.account.charge(cost, work, self.schema.shape().span());
    }

    /// Whether enough is said; counts what is left unsaid.
    pub(super) fn is_full(&mut self) -> bool {
        let full = self.found.len() >= WORDED;
        self.hidden += usize::from(full);
        full
    }

    /// Whether there is a suggestion left to look for.
    fn may_suggest(&mut self) -> bool {
        let left = self.suggestions > 0;
        self.suggestions = self.suggestions.saturating_sub(1);
        left
    }

    /// What is said where no account is over instead.
    fn refuse_repetition(&mut self) {
        self.refuse(
            "the schema judges this value too many times over",
            "it combines schemas that combine schemas; refer to each once",
        );
    }

    /// A finding about the schema as a whole, which no line of the value is to blame for.
    fn refuse(&mut self, message: &str, help: &str) {
        let span = self.schema.shape().span();
        self.push(Path::root(), 0, Finding::new(&rules::TOO_COMPLEX, span, message).help(help));
    }

    /// Drops what another finding about the same place already says.
    fn collapse(self) -> Vec<(Path, Finding)> {
        let mut findings = Vec::new();
        if self.hidden > 0 {
            let message = format!("the schema finds {WORDED} mistakes and {} more, which are not told", self.hidden);
            let finding = Finding::new(&MORE_FINDINGS, self.place(&Path::root()).head(self.sources), message);
            findings.push((Path::root(), finding.help("mend what is told first: most have one cause")));
        }
        let mut by_place: BTreeMap<Path, Vec<Found>> = BTreeMap::new();
        for found in self.found {
            by_place.entry(found.path.clone()).or_default().push(found);
        }
        for (path, mut group) in by_place {
            let lowest = group.iter().map(|found| found.rank).min().unwrap_or_default();
            group.retain(|found| found.rank == lowest || found.rank == u8::MAX);
            group.dedup_by(|a, b| a.finding == b.finding);
            findings.extend(group.into_iter().map(|found| (path.clone(), found.finding)));
        }
        findings
    }

    pub(super) fn explain(&mut self, error: &ValidationError) {
        let path = self.path(error.instance_path().as_str());
        match error.kind() {
            ValidationErrorKind::Type { kind } => self.wrong_type(path, types(kind)),
            ValidationErrorKind::Required { property } => self.missing(&path, property.as_str().unwrap_or_default()),
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                let room = WORDED.saturating_sub(self.found.len());
                self.hidden += unexpected.len().saturating_sub(room);
                for key in unexpected.iter().take(room) {
                    self.unknown_key(&path, key);
                }
            }
            ValidationErrorKind::Enum { options } => {
                let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
                self.not_allowed(path, options);
            }
            ValidationErrorKind::Constant { expected_value } => {
                self.not_allowed(path, std::slice::from_ref(expected_value));
            }
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
                self.no_alternative(path, context);
            }
            ValidationErrorKind::OneOfMultipleValid { context } => {
                self.many_alternatives(path, context, error.schema_path().as_str());
            }
            ValidationErrorKind::Not { schema } => self.excluded(path, schema),
            ValidationErrorKind::PropertyNames { error } => self.bad_name(&path, error),
            ValidationErrorKind::UniqueItems => self.repeated(path),
            ValidationErrorKind::FalseSchema => {
                let name = wording::name(&path);
                self.at_key(
                    path,
                    &rules::NOT_ALLOWED,
                    format!("{name} must not be set here"),
                    "the schema excludes it",
                );
            }
            ValidationErrorKind::Format { format } => {
                let message = format!("{} is not {}", wording::name(&path), format::phrase(format));
                let hint = self.json_at(&path).and_then(Json::as_str).and_then(|text| format::hint(format, text));
                self.at_value(path, 3, &rules::FORMAT, message, hint);
            }
            kind => {
                // How long a secret is, is a part of it.
                let found = self.json_at(&path).filter(|_| !self.shape(&path).is_secret());
                let message = wording::limit(&wording::name(&path), kind, found);
                let rank = if matches!(kind, ValidationErrorKind::Pattern { .. }) { 3 } else { 2 };
                let rule = if rank == 3 { &rules::PATTERN } else { &rules::LIMIT };
                self.at_value(path, rank, rule, message, None);
            }
        }
    }

    /// The judge's pointer as a path: an item of a keyed list is named by its keys.
    pub(super) fn path(&self, pointer: &str) -> Path {
        let mut json = self.json;
        let mut path = Path::root();
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            if let Json::Array(items) = json {
                let at = step.parse().unwrap_or(usize::MAX);
                path.push(Step::Index(at));
                json = items.get(at).unwrap_or(&Json::Null);
            } else {
                json = json.get(&step).unwrap_or(&Json::Null);
                path.push(Step::Key(step.into()));
            }
        }
        path
    }

    pub(super) fn json_at(&self, path: &Path) -> Option<&Json> {
        path.steps().iter().try_fold(self.json, |json, step| match step {
            Step::Key(key) => json.get(&**key),
            Step::Index(at) => json.get(at),
            Step::Item(_) => None,
        })
    }

    pub(super) fn shape(&self, path: &Path) -> Shape<'_> {
        path.steps().iter().fold(self.schema.shape(), |shape, step| match step {
            Step::Key(key) => shape.property(key),
            Step::Index(_) | Step::Item(_) => shape.item(),
        })
    }

    fn place(&self, path: &Path) -> Place<'_> {
        self.instance.place(path.steps())
    }

    pub(super) fn push(&mut self, path: Path, rank: u8, finding: Finding) {
        let about_meaning = [&rules::RULE, &rules::RULE_ERROR, &rules::RENAMED, &rules::DEPRECATED, &rules::SECRET];
        let structural = !about_meaning.contains(&finding.rule);
        let mut finding = finding;
        if self.schema.has_marks {
            self.veil(&path, &mut finding);
        }
        self.found.push(Found { path, rank, structural, finding });
    }

    /// Of a secret nothing is said.
    fn veil(&self, path: &Path, finding: &mut Finding) {
        let shapes = (0..=path.steps().len()).map(|end| self.shape(&path.steps()[..end].iter().cloned().collect()));
        let is_secret = shapes.into_iter().any(Shape::is_secret);
        if let Some(json) = self.json_at(path).filter(|_| is_secret) {
            for_each_word(json, &mut |word| finding.veil_words(|text| veil_own(text, word)));
        }
    }

    /// A finding about a value, with what it overrode.
    pub(super) fn at_value(
        &mut self,
        path: Path,
        rank: u8,
        rule: &'static Rule,
        message: String,
        help: Option<String>,
    ) {
        let place = self.place(&path);
        let json = self.json_at(&path).unwrap_or(&Json::Null);
        let collection = json.is_object() || json.is_array();
        let span = if collection { place.head(self.sources) } else { place.origin.value };
        let span = if span.range().is_empty() { place.head(self.sources) } else { span };
        let mut finding = Finding::new(rule, span, message);
        // Elsewhere the value speaks for itself.
        if rule == &rules::TYPE {
            finding = finding.label(wording::this_is(json));
        }
        finding.help = help;
        let finding = with_history(finding, &place, "it overrides this value");
        self.push(path, rank, finding);
    }

    /// A finding about a key, whatever its value.
    pub(super) fn at_key(&mut self, path: Path, rule: &'static Rule, message: String, label: &str) {
        let place = self.place(&path);
        let finding = Finding::new(rule, place.head(self.sources), message).label(label);
        let finding = with_history(finding, &place, "it is also set here");
        self.push(path, 1, finding);
    }

    pub(super) fn wrong_type(&mut self, path: Path, wanted: Types) {
        let message = format!("{} must be {wanted}", wording::name(&path));
        let help = match self.json_at(&path) {
            Some(Json::String(text)) if wanted == Types::LIST && text.starts_with('-') => {
                Some("write each item on a line of its own behind `- `, with the blank".to_owned())
            }
            Some(Json::String(text)) => self.quotes(&path, text, wanted),
            Some(Json::Null) => Some("give it a value, or remove the key".to_owned()),
            _ => None,
        };
        let help = match (wanted == Types::MAP).then(|| self.shape(&path).known_keys()) {
            Some(keys) if help.is_none() => {
                let keys: Vec<_> = keys.take(4).map(|key| format!("`{key}`")).collect();
                (!keys.is_empty()).then(|| format!("write its keys below it, indented; it knows {}", keys.join(", ")))
            }
            _ => help,
        };
        self.at_value(path, 1, &rules::TYPE, message, help);
    }

    /// Whether the quotes alone made a string of what is wanted.
    fn quotes(&self, path: &Path, text: &str, wanted: Types) -> Option<String> {
        let written = self.sources.slice(self.place(path).origin.value);
        let fits = match scalar::plain(text) {
            Plain::Bool(_) => wanted.contains(Types::BOOL),
            Plain::Number(number) => {
                let whole = !matches!(number, crate::value::Number::Float(..));
                wanted.contains(if whole { Types::INTEGER } else { Types::FLOAT })
            }
            Plain::Null | Plain::String | Plain::Ambiguous(_) => false,
        };
        (fits && written.starts_with(['"', '\''])).then(|| format!("write it without quotes: `{text}`"))
    }

    fn missing(&mut self, path: &Path, key: &str) {
        let below = path.key(key);
        let wanted = self.shape(&below).types();
        let place = self.place(path);
        let finding = Finding::new(
            &rules::MISSING_KEY,
            place.head(self.sources),
            format!("{} is missing", wording::name(&below)),
        );
        let owner = if path.is_root() { "this file".to_owned() } else { wording::name(path) };
        let finding = finding.label(format!("{owner} needs `{key}`"));
        let help = match self.required_by_mistake(path, key) {
            Some(help) => help,
            None if wanted == Types::ANY => format!("add `{key}`"),
            None => format!("add `{key}`, {wanted}"),
        };
        let finding = with_history(finding.help(help), &place, "this part of it comes from here");
        self.push(below, 1, finding);
    }

    /// What to do about a key that the schema demands and would refuse.
    fn required_by_mistake(&self, path: &Path, key: &str) -> Option<String> {
        let shape = self.shape(path);
        let known: Vec<_> = shape.known_keys().collect();
        if known.is_empty() || !shape.refuses(key) {
            return None;
        }
        let meant = nearest(key, known.iter().map(|name| &***name)).map(|name| format!(": did you mean `{name}`?"));
        Some(format!(
            "correct the schema: its `required` names `{key}`, and its `properties` do not{}",
            meant.unwrap_or_default()
        ))
    }

    fn unknown_key(&mut self, path: &Path, key: &str) {
        let suggests = self.may_suggest();
        let set = self.json_at(path).and_then(Json::as_object);
        // A key may be known to another alternative than the one that was meant.
        let known: Vec<_> = self.shape(path).known_keys().filter(|name| &***name != key).collect();
        let unset = known.iter().map(|name| &***name).filter(|name| set.is_none_or(|set| !set.contains_key(*name)));
        let unset = nearest(key, unset.take(if suggests { usize::MAX } else { 0 })).map(str::to_owned);
        // In an overlay the key that was meant is often set by a layer below.
        let candidates = known.iter().map(|name| &***name).filter(|_| suggests);
        let suggestion = unset.clone().or_else(|| nearest(key, candidates).map(str::to_owned));
        let other = wording::foreign_key(key, set.and_then(|set| set.get(key)), &known)
            .or_else(|| wording::own_key(key).filter(|_| path.is_root() && suggestion.is_none()));
        let help = match &suggestion {
            _ if other.is_some() => other,
            Some(name) => Some(format!("did you mean `{name}`?")),
            None => wording::known_keys(&known).map(|known| format!("{known}; or add `{key}` to the schema")),
        };
        // The key that was meant would otherwise be reported as missing, too.
        if let Some(name) = unset {
            let meant = path.key(&name);
            self.found.retain(|found| found.path != meant);
        }
        let below = path.key(key);
        let place = self.place(&below);
        let owner = if path.is_root() { "the schema".to_owned() } else { wording::name(path) };
        let message = format!("{owner} has no key `{key}`");
        let mut finding = Finding::new(&rules::UNKNOWN_KEY, place.head(self.sources), message).label("unknown key");
        finding.help = help;
        let finding = with_history(finding, &place, "it is also set here");
        self.push(below, u8::MAX, finding);
    }

    pub(super) fn not_allowed(&mut self, path: Path, options: &[Json]) {
        let name = wording::name(&path);
        let suggests = self.may_suggest();
        let words: Vec<_> = options.iter().filter(|_| suggests).filter_map(Json::as_str).collect();
        let message = match options {
            [only] => format!("{name} must be {}", wording::value(only)),
            _ => format!("{name} must be one of {}", wording::values(options)),
        };
        let help = self.json_at(&path).and_then(Json::as_str).and_then(|text| did_you_mean(text, words));
        self.at_value(path, 0, &rules::ENUM, message, help);
    }

    fn bad_name(&mut self, path: &Path, error: &ValidationError) {
        let key = error.instance().as_str().unwrap_or_default().to_owned();
        let below = path.key(&key);
        let name = format!("the key `{key}`");
        let message = match error.kind() {
            ValidationErrorKind::Format { format } => format!("{name} is not {}", format::phrase(format)),
            ValidationErrorKind::Enum { options } => {
                format!(
                    "{name} must be one of {}",
                    wording::values(options.as_array().map(Vec::as_slice).unwrap_or_default())
                )
            }
            kind => wording::limit(&name, kind, Some(error.instance())),
        };
        self.at_key(below, &rules::KEY_NAME, message, "the schema limits how keys are called here");
    }

    fn repeated(&mut self, path: Path) {
        let items = self.json_at(&path).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        let twice = (1..items.len()).find_map(|at| Some((items[..at].iter().position(|item| *item == items[at])?, at)));
        let message = format!("{} holds the same item twice", wording::name(&path));
        let Some((first, second)) = twice else {
            return self.at_value(path, 2, &rules::LIMIT, message, None);
        };
        let span = |at: usize| self.place(&path.join(Step::Index(at))).head(self.sources);
        let finding = Finding::new(&rules::LIMIT, span(second), message).label("this item again");
        let finding = finding.also(span(first), "the first time").help("remove one of them");
        self.push(path, 2, finding);
    }
}

/// Shows what a value overrode: an overlay and a base that disagree are both named.
pub(super) fn with_history(mut finding: Finding, place: &Place<'_>, text: &str) -> Finding {
    /// More layers than this are noise.
    const SHOWN: usize = 3;
    for origin in place.overrode.iter().take(SHOWN) {
        let span: Span = origin.key.unwrap_or(origin.value);
        if span != finding.primary.span {
            finding = finding.also(span, text);
        }
    }
    finding
}

pub(super) fn types(kind: &TypeKind) -> Types {
    use jsonschema::JsonType;
    let of = |kind: JsonType| match kind {
        JsonType::Null => Types::NULL,
        JsonType::Boolean => Types::BOOL,
        JsonType::Integer => Types::INTEGER,
        JsonType::Number => Types::NUMBER,
        JsonType::String => Types::STRING,
        JsonType::Array => Types::LIST,
        JsonType::Object => Types::MAP,
    };
    match kind {
        TypeKind::Single(kind) => of(*kind),
        TypeKind::Multiple(kinds) => kinds.iter().fold(Types::NONE, |types, kind| types | of(kind)),
    }
}
