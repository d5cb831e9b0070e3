//! Reads tokens as definitions, actions, pipelines and operands.

use std::sync::Arc;

use super::constant::{character, number, unquote};
use super::lexer::{Keyword, Token, lex};
use super::tree::{Command, Definition, Expr, ExprKind, Node, NodeKind, Pipe, Span, Variable};
use crate::chart::functions;
use crate::chart::text::Text;

/// Expressions in parentheses, or tags, within each other.
const MOST_DEPTH: usize = 100;

/// What is wrong, what to do, and where.
pub(in crate::chart) struct Unreadable {
    pub message: String,
    pub help: Option<String>,
    pub span: Span,
}

type Parsed<T> = Result<T, Unreadable>;

/// All definitions of a text; the last one is the text itself.
pub(in crate::chart) fn parse(name: &Arc<str>, text: &str) -> Parsed<Vec<Definition>> {
    let variables = vec![Arc::from("$")];
    let mut parser = Parser { text, tokens: lex(text), at: 0, definitions: Vec::new(), variables, loops: 0, depth: 0 };
    let body = parser.whole()?;
    parser.define(Definition { name: name.clone(), body, span: Span::new(0, text.len()) })?;
    Ok(parser.definitions)
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(Token, Span)>,
    at: usize,
    definitions: Vec<Definition>,
    /// Names that are known here.
    variables: Vec<Arc<str>>,
    loops: usize,
    depth: usize,
}

/// What ended a list of nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    End,
    Else,
    /// `else if` and `else with`: the keyword is still to come.
    ElseThen(Keyword),
}

fn wrong<T>(span: Span, message: impl Into<String>) -> Parsed<T> {
    Err(Unreadable { message: message.into(), help: None, span })
}

impl Parser<'_> {
    fn whole(&mut self) -> Parsed<Vec<Node>> {
        let mut nodes = Vec::new();
        loop {
            match self.peek() {
                Token::End => return Ok(nodes),
                Token::LeftDelimiter => {
                    let start = self.at;
                    self.at += 1;
                    self.skip_space();
                    if *self.peek() == Token::Keyword(Keyword::Define) {
                        self.at += 1;
                        self.definition()?;
                        continue;
                    }
                    self.at = start;
                }
                _ => {}
            }
            match self.text_or_action()? {
                Ok(node) => nodes.push(node),
                Err((_, span)) => return wrong(span, "there is no `if`, `with`, `range` or `define` open here"),
            }
        }
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)].0
    }

    fn span(&self) -> Span {
        self.tokens[self.at.min(self.tokens.len() - 1)].1
    }

    fn skip_space(&mut self) {
        while *self.peek() == Token::Space {
            self.at += 1;
        }
    }

    fn peek_past_space(&mut self) -> &Token {
        self.skip_space();
        self.peek()
    }

    fn next(&mut self) -> (Token, Span) {
        self.skip_space();
        let token = self.tokens[self.at.min(self.tokens.len() - 1)].clone();
        self.at += 1;
        token
    }

    fn slice(&self, span: Span) -> &str {
        &self.text[span.start as usize..span.end as usize]
    }

    fn unexpected<T>(&self, (token, span): (Token, Span), context: &str) -> Parsed<T> {
        match token {
            Token::Error(message) => wrong(span, message),
            Token::End => wrong(span, format!("the text ends within {context}")),
            _ => wrong(span, format!("`{}` can't stand here, in {context}", self.slice(span))),
        }
    }

    fn expect_close(&mut self, context: &str) -> Parsed<()> {
        match self.next() {
            (Token::RightDelimiter, _) => Ok(()),
            other => self.unexpected(other, context),
        }
    }

    /// Adds a definition. Of two with one name in a text, one must be blank.
    fn define(&mut self, new: Definition) -> Parsed<()> {
        let Some(old) = self.definitions.iter_mut().find(|old| old.name == new.name) else {
            self.definitions.push(new);
            return Ok(());
        };
        if old.is_blank() {
            *old = new;
        } else if !new.is_blank() {
            return wrong(new.span, format!("`{}` is defined twice in this file", new.name));
        }
        Ok(())
    }

    fn definition(&mut self) -> Parsed<()> {
        let span = self.span();
        let name = self.name("`define`")?;
        self.expect_close("`define`")?;
        let (body, _) = self.apart("`define`")?;
        self.define(Definition { name, body, span })
    }

    /// A list of nodes that sees none of the names around it.
    fn apart(&mut self, context: &str) -> Parsed<(Vec<Node>, Span)> {
        let outer = std::mem::replace(&mut self.variables, vec![Arc::from("$")]);
        let loops = std::mem::take(&mut self.loops);
        let (nodes, ended, span) = self.list()?;
        (self.variables, self.loops) = (outer, loops);
        if ended == Ended::End { Ok((nodes, span)) } else { wrong(span, format!("{context} has no `else`")) }
    }

    fn name(&mut self, context: &str) -> Parsed<Arc<str>> {
        let (token, span) = self.next();
        match token {
            Token::Quoted | Token::Raw => Ok(self.constant(&token, span)?.shared()),
            _ => self.unexpected((token, span), context),
        }
    }

    fn constant(&self, token: &Token, span: Span) -> Parsed<Text> {
        let written = self.slice(span);
        if *token == Token::Raw {
            return Ok(Text::new(written.trim_matches('`').replace('\r', "")));
        }
        match unquote(written) {
            Some(text) => Ok(text),
            None => wrong(span, "this text has an escape that Go doesn't know"),
        }
    }

    /// Nodes up to an `end` or `else`.
    fn list(&mut self) -> Parsed<(Vec<Node>, Ended, Span)> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return wrong(self.span(), "tags are nested too deeply");
        }
        let mut nodes = Vec::new();
        while *self.peek_past_space() != Token::End {
            match self.text_or_action()? {
                Ok(node) => nodes.push(node),
                Err((ended, span)) => {
                    self.depth -= 1;
                    return Ok((nodes, ended, span));
                }
            }
        }
        wrong(self.span(), "the file ends before an `end`")
    }

    /// A node, or what ends a list.
    fn text_or_action(&mut self) -> Parsed<Result<Node, (Ended, Span)>> {
        let (token, span) = self.next();
        match token {
            Token::Text => Ok(Ok(Node { kind: NodeKind::Text(Text::new(self.slice(span))), span })),
            Token::LeftDelimiter => self.action(),
            _ => self.unexpected((token, span), "a text"),
        }
    }

    fn action(&mut self) -> Parsed<Result<Node, (Ended, Span)>> {
        self.skip_space();
        let start = self.span();
        let Token::Keyword(keyword) = *self.peek() else {
            let pipe = self.pipe("a tag", &Token::RightDelimiter)?;
            return Ok(Ok(Node { span: pipe.span, kind: NodeKind::Action(pipe) }));
        };
        self.at += 1;
        let kind = match keyword {
            Keyword::End => {
                self.expect_close("`end`")?;
                return Ok(Err((Ended::End, start)));
            }
            Keyword::Else => return Ok(Err((self.otherwise()?, start))),
            Keyword::Break | Keyword::Continue => {
                self.expect_close("`break` or `continue`")?;
                if self.loops == 0 {
                    return wrong(start, format!("`{}` stands outside of `range`", self.slice(start)));
                }
                if keyword == Keyword::Break { NodeKind::Break } else { NodeKind::Continue }
            }
            Keyword::If | Keyword::With | Keyword::Range => self.control(keyword)?,
            Keyword::Template => {
                let name = self.name("`template`")?;
                let closes = *self.peek_past_space() == Token::RightDelimiter;
                let dot = if closes { None } else { Some(self.pipe("`template`", &Token::RightDelimiter)?) };
                if closes {
                    self.at += 1;
                }
                NodeKind::Template { name, dot }
            }
            Keyword::Block => {
                let name = self.name("`block`")?;
                let dot = self.pipe("`block`", &Token::RightDelimiter)?;
                let (body, _) = self.apart("`block`")?;
                self.define(Definition { name: name.clone(), body, span: start })?;
                NodeKind::Template { name, dot: Some(dot) }
            }
            Keyword::Define => {
                let help = Some("put it beside the other tags, not within one".to_owned());
                return Err(Unreadable { message: "`define` can't stand within a tag".into(), help, span: start });
            }
        };
        Ok(Ok(Node { kind, span: start }))
    }

    fn otherwise(&mut self) -> Parsed<Ended> {
        match *self.peek_past_space() {
            Token::Keyword(keyword @ (Keyword::If | Keyword::With)) => Ok(Ended::ElseThen(keyword)),
            _ => self.expect_close("`else`").map(|()| Ended::Else),
        }
    }

    fn control(&mut self, keyword: Keyword) -> Parsed<NodeKind> {
        let known = self.variables.len();
        let is_loop = keyword == Keyword::Range;
        let context = match keyword {
            Keyword::If => "`if`",
            Keyword::With => "`with`",
            _ => "`range`",
        };
        let pipe = self.pipe(context, &Token::RightDelimiter)?;
        self.loops += usize::from(is_loop);
        let (then, ended, span) = self.list()?;
        self.loops -= usize::from(is_loop);
        let otherwise = match ended {
            Ended::End => Vec::new(),
            Ended::ElseThen(inner) if inner == keyword => {
                let span = self.span();
                self.at += 1;
                self.depth += 1;
                if self.depth > MOST_DEPTH {
                    return wrong(span, "there are too many `else`s in a row");
                }
                let kind = self.control(keyword)?;
                self.depth -= 1;
                vec![Node { kind, span }]
            }
            // Of another keyword nothing was read, so it stands where only text or a tag may.
            Ended::ElseThen(_) => return wrong(span, format!("{context} can't go on with this `else`")),
            Ended::Else => {
                let (nodes, ended, span) = self.list()?;
                if ended != Ended::End {
                    return wrong(span, format!("{context} has more than one `else`"));
                }
                nodes
            }
        };
        self.variables.truncate(known);
        Ok(match keyword {
            Keyword::If => NodeKind::If { condition: pipe, then, otherwise },
            Keyword::With => NodeKind::With { subject: pipe, then, otherwise },
            _ => NodeKind::Range { over: pipe, body: then, otherwise },
        })
    }

    /// A pipeline with its end, which is a delimiter or a `)`.
    fn pipe(&mut self, context: &str, end: &Token) -> Parsed<Pipe> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return wrong(self.span(), "parentheses are nested too deeply");
        }
        self.skip_space();
        let start = self.span();
        let (variables, assigns) = self.declarations(context)?;
        let mut commands = Vec::new();
        loop {
            self.skip_space();
            if self.peek() == end {
                break;
            }
            match self.peek() {
                Token::Bool
                | Token::Character
                | Token::Dot
                | Token::Field
                | Token::Identifier
                | Token::Number
                | Token::Nil
                | Token::Raw
                | Token::Quoted
                | Token::Variable
                | Token::LeftParen => commands.push(self.command()?),
                _ => {
                    let token = self.next();
                    return self.unexpected(token, context);
                }
            }
        }
        if commands.is_empty() {
            return wrong(self.span(), format!("{context} has no value"));
        }
        for command in &commands[1..] {
            if matches!(
                command.first.kind,
                ExprKind::Bool(_) | ExprKind::Dot | ExprKind::Nil | ExprKind::Number(_) | ExprKind::Text(_)
            ) {
                return wrong(command.span, "after a `|` must come a function");
            }
        }
        let span = Span { start: start.start, end: self.tokens[self.at - 1].1.end };
        self.at += 1;
        self.depth -= 1;
        Ok(Pipe { variables, assigns, commands, span })
    }

    /// `$x :=`, `$x =`, and in `range` `$i, $x :=`.
    fn declarations(&mut self, context: &str) -> Parsed<(Vec<Variable>, bool)> {
        let mut variables = Vec::new();
        loop {
            self.skip_space();
            if *self.peek() != Token::Variable {
                return Ok((variables, false));
            }
            let start = self.at;
            let span = self.span();
            self.at += 1;
            let next = self.peek_past_space().clone();
            let is_comma = next == Token::Char && self.slice(self.span()) == ",";
            if !is_comma && next != Token::Assign && next != Token::Declare {
                self.at = start;
                return Ok((variables, false));
            }
            self.at += 1;
            let name: Arc<str> = self.slice(span).into();
            self.variables.push(name.clone());
            variables.push(Variable { name });
            if !is_comma {
                return Ok((variables, next == Token::Assign));
            }
            let more = matches!(self.peek_past_space(), Token::Variable | Token::RightDelimiter | Token::RightParen);
            if context != "`range`" || variables.len() > 1 || !more {
                return wrong(span, "only `range` can set two variables at once");
            }
        }
    }

    fn command(&mut self) -> Parsed<Command> {
        self.skip_space();
        let start = self.span();
        let mut operands = Vec::new();
        loop {
            self.skip_space();
            if let Some(operand) = self.operand()? {
                operands.push(operand);
            }
            match self.peek() {
                Token::Space => self.at += 1,
                Token::RightDelimiter | Token::RightParen => break,
                Token::Pipe => {
                    self.at += 1;
                    break;
                }
                _ => {
                    let token = self.next();
                    return self.unexpected(token, "an operand");
                }
            }
        }
        let mut operands = operands.into_iter();
        let Some(first) = operands.next() else { return wrong(start, "this command is empty") };
        let arguments: Vec<Expr> = operands.collect();
        let end = arguments.last().map_or(first.span.end, |last| last.span.end);
        Ok(Command { span: Span { start: first.span.start, end }, first, arguments })
    }

    /// A term with the fields behind it.
    fn operand(&mut self) -> Parsed<Option<Expr>> {
        let Some(term) = self.term()? else { return Ok(None) };
        let mut fields = Vec::new();
        let mut end = term.span.end;
        while *self.peek() == Token::Field {
            end = self.span().end;
            fields.push(Arc::from(&self.slice(self.span())[1..]));
            self.at += 1;
        }
        if fields.is_empty() {
            return Ok(Some(term));
        }
        let span = Span { start: term.span.start, end };
        let kind = match term.kind {
            ExprKind::Field(mut path) => {
                path.append(&mut fields);
                ExprKind::Field(path)
            }
            ExprKind::Variable(variable, mut path) => {
                path.append(&mut fields);
                ExprKind::Variable(variable, path)
            }
            ExprKind::Pipe(_) | ExprKind::Function(_) => ExprKind::Chain(Box::new(term), fields),
            _ => return wrong(span, "a constant has no fields"),
        };
        Ok(Some(Expr { kind, span }))
    }

    fn term(&mut self) -> Parsed<Option<Expr>> {
        self.skip_space();
        let (token, span) = (self.peek().clone(), self.span());
        let kind = match token {
            Token::Identifier => match functions::find(self.slice(span)) {
                Some(function) => ExprKind::Function(function),
                None => return wrong(span, format!("there is no function `{}`", self.slice(span))),
            },
            Token::Dot => ExprKind::Dot,
            Token::Nil => ExprKind::Nil,
            Token::Bool => ExprKind::Bool(self.slice(span) == "true"),
            Token::Variable => {
                let name = self.slice(span);
                let Some(known) = self.variables.iter().find(|known| ***known == *name) else {
                    return wrong(span, format!("the variable `{name}` isn't set here"));
                };
                ExprKind::Variable(Variable { name: known.clone() }, Vec::new())
            }
            Token::Field => ExprKind::Field(vec![Arc::from(&self.slice(span)[1..])]),
            Token::Number | Token::Character => {
                let written = self.slice(span);
                let read = if token == Token::Number { number(written) } else { character(written) };
                match read {
                    Some(number) => ExprKind::Number(number),
                    None => return wrong(span, format!("`{written}` is no constant")),
                }
            }
            Token::Quoted | Token::Raw => ExprKind::Text(self.constant(&token, span)?),
            Token::LeftParen => {
                self.at += 1;
                let pipe = self.pipe("parentheses", &Token::RightParen)?;
                let end = self.tokens[self.at - 1].1.end;
                let kind = ExprKind::Pipe(Box::new(pipe));
                return Ok(Some(Expr { kind, span: Span { start: span.start, end } }));
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(Expr { kind, span }))
    }
}
