//! From text to [`Expr`]. Names are resolved at once, so that a misspelt function or variable is found when the schema
//! is loaded, not when some environment first reaches the rule.
//!
//! Written by hand because the parser of the `cel` crate costs 100 microseconds a rule and a millisecond for the first,
//! as much as everything else that platc does to an environment.

use std::sync::Arc;

use super::escape::RESERVED;
use super::foreign;
use super::functions;
use super::lexer::{Lexer, Literal, Token, problem};
use super::syntax::{Access, Expr, Kind, Loop, LoopKind, Operator, Problem};
use super::value::Value;
use crate::finding::suggest::did_you_mean;

/// Bytes of an expression.
const LENGTH: usize = 16 << 10;
/// Brackets within each other.
const NESTING: usize = 40;
/// Expressions within each other; a long `a + b + c` counts one for each operator.
const DEPTH: u16 = 160;

/// The variables of a rule. Loops add their own behind these.
const VARIABLES: [&str; 2] = ["self", "oldSelf"];
pub(super) const OLD_SELF: usize = 1;

/// Those that are no names behind a point either.
const LITERALS: [&str; 4] = ["true", "false", "null", "in"];

/// Types whose names are several words.
const LONG_TYPE_NAMES: [&str; 8] = [
    "google.protobuf.Duration",
    "google.protobuf.Timestamp",
    "kubernetes.NamedFormat",
    "kubernetes.Quantity",
    "kubernetes.Semver",
    "kubernetes.URL",
    "net.CIDR",
    "net.IP",
];

const TYPE_NAMES: [&str; 11] =
    ["bool", "bytes", "double", "int", "list", "map", "null_type", "optional_type", "string", "type", "uint"];

/// Parses an expression of a rule.
pub(super) fn parse(text: &str) -> Result<Expr, Problem> {
    parse_with(text, &VARIABLES)
}

/// Parses an expression over some variables, which are bound in this order.
pub(super) fn parse_with(text: &str, variables: &[&str]) -> Result<Expr, Problem> {
    if text.len() > LENGTH {
        return Err(problem(0, 0, format!("the expression is longer than {LENGTH} bytes")));
    }
    let mut parser = Parser {
        text,
        lexer: Lexer::new(text),
        token: Token::End,
        start: 0,
        end: 0,
        last_end: 0,
        nesting: 0,
        scope: variables.iter().map(|name| Arc::from(*name)).collect(),
    };
    parser.advance()?;
    let expr = parser.expression()?;
    if parser.token != Token::End {
        return Err(parser.unexpected("the end of the expression"));
    }
    Ok(expr)
}

struct Parser<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    /// The token that comes next, and its bytes.
    token: Token,
    start: usize,
    end: usize,
    /// Where the token before it ended.
    last_end: usize,
    nesting: usize,
    scope: Vec<Arc<str>>,
}

type Parsed = Result<Expr, Problem>;

impl Parser<'_> {
    fn advance(&mut self) -> Result<(), Problem> {
        self.last_end = self.end;
        (self.token, self.start) = self.lexer.next()?;
        self.end = self.lexer.at;
        Ok(())
    }

    fn word(&self) -> &str {
        if self.token == Token::Identifier { &self.text[self.start..self.end] } else { "" }
    }

    fn takes(&mut self, sign: &str) -> Result<bool, Problem> {
        let is_next = matches!(self.token, Token::Sign(next) if next == sign);
        if is_next {
            self.advance()?;
        }
        Ok(is_next)
    }

    fn expect(&mut self, sign: &str) -> Result<(), Problem> {
        if self.takes(sign)? { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    fn unexpected(&self, wanted: &str) -> Problem {
        let found = if self.token == Token::End {
            "the expression ends".to_owned()
        } else {
            format!("there is `{}`", &self.text[self.start..self.end])
        };
        let help = foreign::sign(self.text, self.start).map(str::to_owned);
        Problem { help, ..problem(self.start, self.end, format!("{found} where {wanted} is expected")) }
    }

    fn node(&self, start: usize, kind: Kind) -> Parsed {
        let inner = match &kind {
            Kind::Literal(_) | Kind::Variable(_) => 0,
            Kind::Select { operand, .. } | Kind::Not(operand) | Kind::Negate(operand) => operand.depth,
            Kind::Index { operand, index, .. } => operand.depth.max(index.depth),
            Kind::Call { args, .. } | Kind::And(args) | Kind::Or(args) => deepest(args.iter()),
            Kind::List(items) => deepest(items.iter().map(|(item, _)| item)),
            Kind::Map(entries) => deepest(entries.iter().flat_map(|(key, value, _)| [key, value])),
            Kind::If(parts) => deepest(parts.iter()),
            Kind::Binary(_, sides) => deepest(sides.iter()),
            Kind::Loop(own) => deepest([&own.range, &own.body].into_iter().chain(&own.filter)),
        };
        if inner >= DEPTH {
            return Err(problem(
                start,
                self.last_end,
                format!("more than {DEPTH} operators depend on each other here"),
            ));
        }
        Ok(Expr { start: start as u32, end: self.last_end as u32, depth: inner + 1, kind })
    }

    /// `a ? b : c`, and all that binds tighter.
    fn expression(&mut self) -> Parsed {
        self.nesting += 1;
        if self.nesting > NESTING {
            return Err(problem(self.start, self.end, format!("brackets nest deeper than {NESTING} levels")));
        }
        let start = self.start;
        let condition = self.or()?;
        let expr = if self.takes("?")? {
            let then = self.or()?;
            self.expect(":")?;
            let otherwise = self.expression()?;
            self.node(start, Kind::If(Box::new([condition, then, otherwise])))?
        } else {
            condition
        };
        self.nesting -= 1;
        Ok(expr)
    }

    fn or(&mut self) -> Parsed {
        self.chain("||", Self::and, Kind::Or)
    }

    fn and(&mut self) -> Parsed {
        self.chain("&&", Self::relation, Kind::And)
    }

    fn chain(&mut self, sign: &str, next: fn(&mut Self) -> Parsed, kind: fn(Vec<Expr>) -> Kind) -> Parsed {
        let start = self.start;
        let first = next(self)?;
        if !matches!(self.token, Token::Sign(token) if token == sign) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.takes(sign)? {
            parts.push(next(self)?);
        }
        self.node(start, kind(parts))
    }

    fn relation(&mut self) -> Parsed {
        self.binary(Self::sum, |parser| {
            Some(match parser.token {
                Token::Sign("==") => Operator::Equal,
                Token::Sign("!=") => Operator::NotEqual,
                Token::Sign("<") => Operator::Less,
                Token::Sign("<=") => Operator::LessEqual,
                Token::Sign(">") => Operator::Greater,
                Token::Sign(">=") => Operator::GreaterEqual,
                Token::Identifier if parser.word() == "in" => Operator::In,
                _ => return None,
            })
        })
    }

    fn sum(&mut self) -> Parsed {
        self.binary(Self::product, |parser| match parser.token {
            Token::Sign("+") => Some(Operator::Add),
            Token::Sign("-") => Some(Operator::Subtract),
            _ => None,
        })
    }

    fn product(&mut self) -> Parsed {
        self.binary(Self::unary, |parser| match parser.token {
            Token::Sign("*") => Some(Operator::Multiply),
            Token::Sign("/") => Some(Operator::Divide),
            Token::Sign("%") => Some(Operator::Remainder),
            _ => None,
        })
    }

    fn binary(&mut self, next: fn(&mut Self) -> Parsed, operator: fn(&Self) -> Option<Operator>) -> Parsed {
        let start = self.start;
        let mut left = next(self)?;
        while let Some(operator) = operator(self) {
            self.advance()?;
            let right = next(self)?;
            left = self.node(start, Kind::Binary(operator, Box::new([left, right])))?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
        let start = self.start;
        let mut count = 0_usize;
        let Token::Sign(sign @ ("!" | "-")) = self.token else { return self.member() };
        while self.takes(sign)? {
            count += 1;
        }
        // A minus belongs to the number behind it: `-9223372036854775808` is one.
        if sign == "-" && count % 2 == 1 && self.token == Token::Literal(Literal::LowestInt) {
            self.advance()?;
            return self.node(start, Kind::Literal(Value::Int(i64::MIN)));
        }
        let operand = self.member()?;
        if count.is_multiple_of(2) {
            return Ok(operand);
        }
        let operand = Box::new(operand);
        self.node(start, if sign == "!" { Kind::Not(operand) } else { Kind::Negate(operand) })
    }

    fn member(&mut self) -> Parsed {
        let start = self.start;
        let mut expr = self.primary()?;
        loop {
            if self.takes(".")? {
                let optional = self.takes("?")?;
                let name_start = self.start;
                let (field, quoted) = match &self.token {
                    Token::Identifier if LITERALS.contains(&self.word()) => {
                        return Err(self.unexpected("the name of a field"));
                    }
                    Token::Identifier => (Arc::from(self.word()), false),
                    Token::QuotedField(name) => (super::escape::field(name), true),
                    _ => return Err(self.unexpected("the name of a field")),
                };
                self.advance()?;
                if !optional && !quoted && self.takes("(")? {
                    expr = self.method(start, name_start, expr, &field)?;
                } else {
                    let access = if optional { Access::Optional } else { Access::Must };
                    expr = self.node(start, Kind::Select { operand: Box::new(expr), field, access })?;
                }
            } else if self.takes("[")? {
                let optional = self.takes("?")?;
                let index = Box::new(self.expression()?);
                self.expect("]")?;
                expr = self.node(start, Kind::Index { operand: Box::new(expr), index, optional })?;
            } else {
                return Ok(expr);
            }
        }
    }

    /// `target.name(…)`: a macro, or a function whose first argument is the target.
    fn method(&mut self, start: usize, name_start: usize, target: Expr, name: &str) -> Parsed {
        let name_end = name_start + name.len();
        let arguments = self.count_arguments();
        if let Some((kind, variables)) = LoopKind::named(name, arguments) {
            return self.macro_loop(start, target, kind, variables, arguments);
        }
        let mut args = vec![target];
        self.arguments(&mut args)?;
        let function = functions::method(name).ok_or_else(|| Problem {
            help: foreign::method(name).map(str::to_owned).or_else(|| did_you_mean(name, functions::methods())),
            ..problem(name_start, name_end, format!("there is no function `{name}` to call on a value"))
        })?;
        self.call(start, name_start, function, args)
    }

    fn call(&self, start: usize, name_start: usize, function: &'static functions::Function, args: Vec<Expr>) -> Parsed {
        if !(function.min..=function.max).contains(&args.len()) {
            let own = usize::from(function.is_method);
            let wanted = if function.min == function.max {
                (function.min - own).to_string()
            } else {
                format!("{} to {}", function.min - own, function.max - own)
            };
            let message = format!("`{}` takes {wanted} arguments, not {}", function.name, args.len() - own);
            return Err(problem(name_start, self.last_end, message));
        }
        functions::check_literals(function, &args)?;
        self.node(start, Kind::Call { function, args })
    }

    /// The arguments of a call whose bracket is open.
    fn arguments(&mut self, args: &mut Vec<Expr>) -> Result<(), Problem> {
        if self.takes(")")? {
            return Ok(());
        }
        loop {
            args.push(self.expression()?);
            if !self.takes(",")? {
                return self.expect(")");
            }
        }
    }

    /// How many arguments the open bracket holds: `map(x, y)` is a macro, `map` with one is not. Brackets are counted,
    /// not read; what is wrong in them is found when they are.
    fn count_arguments(&self) -> usize {
        if matches!(self.token, Token::Sign(")")) {
            return 0;
        }
        let mut ahead = Lexer::new(self.text);
        ahead.at = self.start;
        let (mut depth, mut count) = (0_usize, 1);
        loop {
            match ahead.next() {
                Ok((Token::Sign("(" | "[" | "{"), _)) => depth += 1,
                Ok((Token::Sign(")" | "]" | "}"), _)) if depth == 0 => return count,
                Ok((Token::Sign(")" | "]" | "}"), _)) => depth -= 1,
                Ok((Token::Sign(","), _)) if depth == 0 => count += 1,
                Ok((Token::End, _)) | Err(_) => return count,
                Ok(_) => {}
            }
        }
    }

    fn macro_loop(&mut self, start: usize, range: Expr, kind: LoopKind, variables: usize, arguments: usize) -> Parsed {
        let slot = self.scope.len();
        for _ in 0..variables {
            let word = self.word();
            if word.is_empty() || RESERVED.contains(&word) {
                return Err(self.unexpected("the name of a variable"));
            }
            let name = Arc::from(word);
            self.scope.push(name);
            self.advance()?;
            self.expect(",")?;
        }
        let mut parts = Vec::new();
        loop {
            parts.push(self.expression()?);
            if !self.takes(",")? {
                break;
            }
        }
        self.expect(")")?;
        self.scope.truncate(slot);
        let body = match parts.pop() {
            Some(body) if parts.len() + 1 + variables == arguments => body,
            _ => return Err(problem(start, self.last_end, "this macro has other arguments")),
        };
        let filter = parts.pop();
        let own = Loop { kind, range, slot, two: variables == 2, filter, body };
        self.node(start, Kind::Loop(Box::new(own)))
    }

    fn primary(&mut self) -> Parsed {
        let start = self.start;
        match &self.token {
            Token::Identifier => self.name(),
            Token::Literal(literal) => {
                let value = literal.clone().value();
                let value = value.ok_or_else(|| problem(start, self.end, "this number does not fit into 64 bits"))?;
                self.advance()?;
                self.node(start, Kind::Literal(value))
            }
            Token::Sign("(") => {
                self.advance()?;
                let inner = self.expression()?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Sign("[") => {
                self.advance()?;
                let mut items = Vec::new();
                while !self.takes("]")? {
                    let optional = self.takes("?")?;
                    items.push((self.expression()?, optional));
                    if !self.takes(",")? {
                        self.expect("]")?;
                        break;
                    }
                }
                self.node(start, Kind::List(items))
            }
            Token::Sign("{") => {
                self.advance()?;
                let mut entries = Vec::new();
                while !self.takes("}")? {
                    let optional = self.takes("?")?;
                    let key = self.expression()?;
                    self.expect(":")?;
                    entries.push((key, self.expression()?, optional));
                    if !self.takes(",")? {
                        self.expect("}")?;
                        break;
                    }
                }
                self.node(start, Kind::Map(entries))
            }
            Token::Sign(".") => {
                // A leading point only says that the name is not relative to a package; there are none.
                self.advance()?;
                self.name()
            }
            Token::End | Token::QuotedField(_) | Token::Sign(_) => Err(self.unexpected("a value")),
        }
    }

    /// A name: a variable, a word of the language, a type, or a function's.
    fn name(&mut self) -> Parsed {
        let start = self.start;
        let end = self.end;
        let word: Arc<str> = Arc::from(self.word());
        if word.is_empty() {
            return Err(self.unexpected("a name"));
        }
        self.advance()?;
        let constant = match &*word {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            "null" => Some(Value::Null),
            _ => None,
        };
        if let Some(value) = constant {
            return self.node(start, Kind::Literal(value));
        }
        if RESERVED.contains(&&*word) {
            let help = foreign::reserved(&word).map(str::to_owned);
            return Err(Problem {
                help,
                ..problem(start, end, format!("`{word}` is a word that CEL keeps for itself"))
            });
        }
        if self.takes("(")? {
            return self.function(start, &word);
        }
        if let Some(slot) = self.scope.iter().rposition(|name| *name == word) {
            return self.node(start, Kind::Variable(slot));
        }
        if matches!(self.token, Token::Sign(".")) && functions::is_namespace(&word) {
            return self.namespaced(start, &word);
        }
        if let Some(name) = TYPE_NAMES.iter().find(|name| **name == &*word) {
            return self.node(start, Kind::Literal(Value::Type(name)));
        }
        if let Some(name) = self.long_type_name(start) {
            while self.last_end < start + name.len() {
                self.advance()?;
            }
            return self.node(start, Kind::Literal(Value::Type(name)));
        }
        let help = self.other_variable(&word);
        Err(Problem { help: Some(help), ..problem(start, end, format!("there is no variable `{word}`")) })
    }

    /// What may be meant by a name that stands for nothing.
    fn other_variable(&self, word: &str) -> String {
        if let Some(help) = foreign::variable(word) {
            return help.to_owned();
        }
        if foreign::is_self(word) && self.scope.first().is_some_and(|name| &**name == VARIABLES[0]) {
            return "the value that is judged is `self`".to_owned();
        }
        let names = self.scope.iter().map(|name| &**name);
        did_you_mean(word, names).unwrap_or_else(|| format!("a field of the value is `self.{word}`"))
    }

    fn long_type_name(&self, start: usize) -> Option<&'static str> {
        let goes_on = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        LONG_TYPE_NAMES
            .into_iter()
            .find(|name| self.text[start..].strip_prefix(name).is_some_and(|behind| !behind.starts_with(goes_on)))
    }

    fn function(&mut self, start: usize, name: &str) -> Parsed {
        if name == "has" {
            let mut args = Vec::new();
            self.arguments(&mut args)?;
            return match args.pop() {
                Some(Expr { kind: Kind::Select { operand, field, .. }, .. }) if args.is_empty() => {
                    self.node(start, Kind::Select { operand, field, access: Access::Has })
                }
                _ => Err(problem(start, self.last_end, "`has` takes one field, as in `has(self.name)`")),
            };
        }
        let function = functions::global(name).ok_or_else(|| Problem {
            help: foreign::function(name).map(str::to_owned).or_else(|| did_you_mean(name, functions::globals())),
            ..problem(start, start + name.len(), format!("there is no function `{name}`"))
        })?;
        let mut args = Vec::new();
        self.arguments(&mut args)?;
        self.call(start, start, function, args)
    }

    /// `math.greatest(…)` and the like.
    fn namespaced(&mut self, start: usize, namespace: &str) -> Parsed {
        self.expect(".")?;
        let full = format!("{namespace}.{}", self.word());
        let end = self.end;
        self.advance()?;
        let function = functions::global(&full).ok_or_else(|| Problem {
            help: did_you_mean(&full, functions::globals()),
            ..problem(start, end, format!("there is no function `{full}`"))
        })?;
        self.expect("(")?;
        let mut args = Vec::new();
        self.arguments(&mut args)?;
        self.call(start, start, function, args)
    }
}

fn deepest<'e>(parts: impl Iterator<Item = &'e Expr>) -> u16 {
    parts.map(|part| part.depth).max().unwrap_or_default()
}
