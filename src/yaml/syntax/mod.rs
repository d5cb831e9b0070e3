//! Text that is not YAML: the parser's error codes, told as the mistakes that people make.
//!
//! The parser says at which character it gave up. Where that is not where the mistake is, the lines around it tell:
//! a missing blank after a colon is noticed a line later, an open quote at the end of the file.

mod blanks;
mod flow;
mod indent;
mod lines;
mod quotes;

use granit_parser::ErrorKind;

use super::build;
use crate::finding::{Finding, Rule, codes};
use crate::limits::Limits;
use crate::source::{FileId, Span};
use lines::Lines;

pub(crate) use blanks::has_odd_sign;
pub(super) use blanks::{odd_key, odd_value};

/// What is wrong, at a range of bytes.
struct Mistake {
    rule: &'static Rule,
    start: usize,
    end: usize,
    message: String,
    label: String,
    also: Option<(usize, usize, String)>,
    help: String,
}

impl Mistake {
    fn new(start: usize, end: usize, message: impl Into<String>) -> Self {
        let (label, help) = (String::new(), String::new());
        Self { rule: &codes::yaml::SYNTAX, start, end, message: message.into(), label, also: None, help }
    }

    fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    fn also(mut self, start: usize, end: usize, text: impl Into<String>) -> Self {
        self.also = Some((start, end, text.into()));
        self
    }

    fn help(mut self, text: impl Into<String>) -> Self {
        self.help = text.into();
        self
    }

    fn rule(mut self, rule: &'static Rule) -> Self {
        self.rule = rule;
        self
    }

    fn finding(self, file: FileId) -> Finding {
        let finding = Finding::new(self.rule, Span::new(file, self.start, self.end), self.message).label(self.label);
        let finding = match self.also {
            Some((start, end, text)) => finding.also(Span::new(file, start, end), text),
            None => finding,
        };
        if self.help.is_empty() { finding } else { finding.help(self.help) }
    }
}

/// The finding for an error of the parser; none where `too_deep` says that its cause has been told already.
pub(super) fn finding(
    kind: &ErrorKind,
    at: usize,
    text: &str,
    file: FileId,
    limits: &Limits,
    too_deep: bool,
) -> Option<Finding> {
    let lines = Lines::new(text, at);
    if *kind == ErrorKind::RecursionLimitExceeded {
        let span = Span::new(file, lines.at, lines.at);
        return (!too_deep).then(|| build::too_deep(span, limits.yaml_depth));
    }
    Some(mistake(kind, &lines).finding(file))
}

/// A tab that indents what the parser has read all the same.
pub(super) fn tab(text: &str, at: usize, file: FileId) -> Finding {
    indent::tab(&Lines::new(text, at)).finding(file)
}

/// `{{ … }}` without quotes, which YAML takes for a map as the key of a map.
pub(super) fn template(span: Span) -> Finding {
    let start = span.start as usize;
    quotes::template(start.saturating_sub(1), start + 1).finding(span.file)
}

fn mistake(kind: &ErrorKind, lines: &Lines<'_>) -> Mistake {
    use ErrorKind as Kind;
    let at = lines.at;
    let here = |message: &str| Mistake::new(at, lines.word_end(at), message);
    if let Some(conflict) = lines.conflict() {
        return Mistake::new(conflict.start, conflict.end, "a merge conflict is not resolved")
            .label("git left this mark")
            .help("choose one side and remove the marks");
    }
    if let Some(mistake) = blanks::beside(lines).or_else(|| indent::behind_empty(lines)) {
        return mistake;
    }
    match kind {
        Kind::TabInBlockIndentation
        | Kind::TabInIndentation
        | Kind::TabNotAllowed
        | Kind::TabInPlainScalar
        | Kind::TabAtBlockScalarStart => indent::tab(lines),
        Kind::MappingValueNotAllowed => indent::second_colon(lines),
        Kind::SimpleKeyExpected | Kind::InvalidSimpleKey => indent::no_key(lines, at),
        Kind::ExpectedBlockMappingKey | Kind::ExpectedDocumentStart | Kind::ExpectedBlockSequenceEntry => {
            indent::no_level(lines)
        }
        Kind::BlockSequenceEntryNotAllowed => here("a list begins on the line of its key")
            .label("this dash is for a new line")
            .help("put each `- ` on a line of its own, or quote the value if it is text"),
        Kind::UnclosedQuotedScalar | Kind::InvalidQuotedScalarIndent | Kind::DocumentIndicatorInQuotedScalar => {
            quotes::unclosed(lines)
        }
        Kind::InvalidTrailingSingleQuotedScalar | Kind::InvalidTrailingDoubleQuotedScalar => quotes::trailing(lines),
        Kind::CommentNotSeparated => here("a blank is missing before `#`")
            .label("a comment begins with a blank and `#`")
            .help("write ` #`, or quote the value if the `#` belongs to it"),
        Kind::UnknownQuotedScalarEscape
        | Kind::InvalidQuotedScalarHexEscape
        | Kind::InvalidLowSurrogateHexEscape
        | Kind::InvalidLowSurrogate
        | Kind::MissingLowSurrogate
        | Kind::UnpairedLowSurrogate
        | Kind::InvalidUnicodeEscape => quotes::escape(lines),
        Kind::UnexpectedCharacter { character } => quotes::reserved(lines, *character),
        Kind::PlainScalarStartsWithDashFlowIndicator => quotes::reserved(lines, '-'),
        Kind::MissingAnchorOrAliasName => quotes::nameless(lines),
        Kind::InvalidIndentation | Kind::InvalidFlowScalarIndent => flow::not_indented(lines),
        Kind::UnclosedFlowCollection { .. }
        | Kind::UnexpectedEofFlowSequence
        | Kind::UnexpectedEofFlowMapping
        | Kind::MismatchedFlowCollectionEnd { .. } => flow::unclosed(lines, kind),
        Kind::UnexpectedEofImplicitFlowMapping
        | Kind::ExpectedFlowMappingSeparator
        | Kind::ExpectedFlowSequenceSeparator => flow::separator(lines),
        Kind::MisplacedFlowCollectionEnd => Mistake::new(at, at + 1, format!("`{}` closes nothing", lines.char_at(at)))
            .label("no bracket is open here")
            .help("remove it, or quote the value if it is text"),
        Kind::BlockEntryInFlowCollection => here("`- ` within brackets")
            .label("items between `[` and `]` are separated by commas")
            .help("write `[a, b]`, or each item as `- a` on a line of its own without brackets"),
        Kind::InvalidBlockScalarHeader | Kind::ZeroBlockScalarIndent => {
            here("text stands behind the sign of a block of text")
                .label("only `-`, `+`, a digit or a comment may follow here")
                .help("begin the text on the next line, indented; quote the value if the sign belongs to it")
        }
        Kind::InvalidBlockScalarIndent => {
            here("the first line of a block of text is indented less than a blank line above it")
                .label("the block's indentation is that of its first line with text")
                .help("remove the blanks from the empty lines above")
        }
        Kind::InvalidDocumentEnd => here("text stands behind `...`").label("`...` ends the document"),
        Kind::BomInsideDocument => here("a byte order mark within the text")
            .label("this character cannot be seen")
            .help("remove it, or write `\\ufeff` between double quotes"),
        Kind::DirectiveDisallowed
        | Kind::MissingYamlVersion
        | Kind::MissingYamlVersionSeparator
        | Kind::MissingDirectiveName
        | Kind::InvalidDirectiveName
        | Kind::InvalidDirectiveTerminator
        | Kind::MissingDocumentEndBeforeDirective => here("a line that begins with `%`")
            .label("this would be a directive, which platc does not know")
            .help("remove the line, or quote the key if it begins with `%`")
            .rule(&codes::yaml::DIRECTIVE),
        Kind::UndeclaredTagHandle
        | Kind::MissingTagUri
        | Kind::UnclosedVerbatimTag
        | Kind::InvalidTagTerminator
        | Kind::InvalidTagEscape
        | Kind::InvalidTagUtf8
        | Kind::InvalidTagUtf8LeadingByte
        | Kind::InvalidTagUtf8TrailingByte
        | Kind::InvalidGlobalTagCharacter
        | Kind::ExpectedTagBang => here("a value cannot begin with `!`")
            .label("this would be a tag")
            .help("quote the value if it is text")
            .rule(&codes::yaml::TAG),
        _ => here("this does not fit here").label("the YAML ends to make sense here"),
    }
}
