//! Pipelines, commands and their arguments.

use crate::chart::failure::Failed;
use crate::chart::functions::{Body, Function, Kind, Reads, charge, is_true};
use crate::chart::marks::Marks;
use crate::chart::print::type_name;
use crate::chart::syntax::{Command, Expr, ExprKind, Number, Pipe, Span};
use crate::chart::value::{Data, Int, ListKind, MapKind, StructKind, Value};

use super::run::Evaluated;
use super::walk::State;

impl State<'_> {
    /// What a pipeline gives; its variables are set.
    pub(super) fn pipeline(&mut self, pipe: &Pipe, dot: &Value) -> Evaluated<Value> {
        let mut last = None;
        for command in &pipe.commands {
            let mut value = self.command(command, dot, last.take())?;
            // What was in a map or list has left it.
            if matches!(value.data, Data::Nil) {
                value.data = Data::Absent;
            }
            last = Some(value);
        }
        let value = last.unwrap_or_default();
        for variable in &pipe.variables {
            if pipe.assigns {
                self.assign(variable, value.clone(), pipe.span)?;
            } else {
                self.variables.push((variable.name.clone(), value.clone()));
            }
        }
        Ok(value)
    }

    /// A command; `last` is what the one before gave.
    fn command(&mut self, command: &Command, dot: &Value, last: Option<Value>) -> Evaluated<Value> {
        let (first, arguments) = (&command.first, &command.arguments[..]);
        match &first.kind {
            ExprKind::Function(function) => return self.call(function, arguments, last, dot, command.span),
            ExprKind::Field(path) => return self.fields(dot.clone(), path, arguments, last, dot, first.span),
            ExprKind::Chain(inner, path) => {
                let receiver = self.expression(inner, dot)?;
                return self.fields(receiver, path, arguments, last, dot, first.span);
            }
            ExprKind::Variable(variable, path) if !path.is_empty() => {
                let receiver = self.variable(&variable.name, first.span)?;
                return self.fields(receiver, path, arguments, last, dot, first.span);
            }
            _ => {}
        }
        if last.is_some() || !arguments.is_empty() {
            return self.fail(Failed::because("this is no function, and can't take an argument"), first.span);
        }
        if matches!(first.kind, ExprKind::Nil) {
            return self.fail(Failed::because("`nil` alone is no command"), first.span);
        }
        self.expression(first, dot)
    }

    fn variable(&self, name: &str, span: Span) -> Evaluated<Value> {
        match self.variables.iter().rev().find(|(known, _)| **known == *name) {
            Some((_, value)) => Ok(value.clone()),
            None => self.fail(Failed::because(format!("the variable `{name}` isn't set here")), span),
        }
    }

    /// An operand that stands by itself, whose type nothing else says.
    fn expression(&mut self, expr: &Expr, dot: &Value) -> Evaluated<Value> {
        match &expr.kind {
            ExprKind::Dot => Ok(dot.clone()),
            ExprKind::Nil => Ok(Value::NIL),
            ExprKind::Bool(it) => Ok((*it).into()),
            ExprKind::Number(number) => self.number(*number, expr.span),
            ExprKind::Text(text) => Ok(text.clone().into()),
            ExprKind::Field(path) => self.fields(dot.clone(), path, &[], None, dot, expr.span),
            ExprKind::Variable(variable, path) => {
                let receiver = self.variable(&variable.name, expr.span)?;
                self.fields(receiver, path, &[], None, dot, expr.span)
            }
            ExprKind::Function(function) => self.call(function, &[], None, dot, expr.span),
            ExprKind::Chain(inner, path) => {
                if matches!(inner.kind, ExprKind::Nil) {
                    return self.fail(Failed::because("`nil` has no fields"), expr.span);
                }
                let receiver = self.expression(inner, dot)?;
                self.fields(receiver, path, &[], None, dot, expr.span)
            }
            ExprKind::Pipe(pipe) => self.pipeline(pipe, dot),
        }
    }

    fn number(&self, number: Number, span: Span) -> Evaluated<Value> {
        match (number.float, number.int) {
            (Some(float), _) if number.looks_like_float => Ok(float.into()),
            (_, Some(int)) => Ok(Value::int(int)),
            _ => self.fail(Failed::because("this number is too large for an integer"), span),
        }
    }

    /// An argument for a parameter of a type.
    fn argument(&mut self, expr: &Expr, kind: Kind, dot: &Value) -> Evaluated<Value> {
        let constant = |state: &Self| {
            let message = format!("{} is wanted here", kind.name());
            state.fail(Failed::because(message), expr.span)
        };
        match (&expr.kind, kind) {
            (ExprKind::Nil, Kind::Raw) => Ok(Value::ABSENT),
            (ExprKind::Nil, Kind::Any | Kind::Map | Kind::List | Kind::Version) => Ok(Value::NIL),
            (ExprKind::Number(number), Kind::Int | Kind::Uint32) => match number.int {
                Some(int) if kind == Kind::Int => Ok(Value::int(int)),
                Some(int) if u32::try_from(int).is_ok() => Ok(Data::Int(int, Int::Uint32).into()),
                _ => constant(self),
            },
            (ExprKind::Number(number), Kind::Float) => match number.float {
                Some(float) => Ok(float.into()),
                None => constant(self),
            },
            (ExprKind::Number(_), Kind::Any | Kind::Raw)
            | (ExprKind::Bool(_), Kind::Any | Kind::Raw | Kind::Bool)
            | (ExprKind::Text(_), Kind::Any | Kind::Raw | Kind::Text) => self.plain(expr, kind, dot),
            (ExprKind::Nil | ExprKind::Number(_) | ExprKind::Bool(_) | ExprKind::Text(_), _) => constant(self),
            _ => {
                let value = self.expression(expr, dot)?;
                self.fits(value, kind, expr.span)
            }
        }
    }

    fn plain(&mut self, expr: &Expr, kind: Kind, dot: &Value) -> Evaluated<Value> {
        let value = self.expression(expr, dot)?;
        self.fits(value, kind, expr.span)
    }

    /// A value as an argument of a type, if it is one.
    fn fits(&self, mut value: Value, kind: Kind, span: Span) -> Evaluated<Value> {
        let fits = match (&value.data, kind) {
            (Data::Absent, Kind::Any) => {
                value.data = Data::Nil;
                return Ok(value);
            }
            // Nothing at all is an empty map or list; a nil that stands in one has another type.
            (_, Kind::Raw | Kind::Any) | (Data::Absent, Kind::Map | Kind::List | Kind::Version) => return Ok(value),
            (Data::Text(_), Kind::Text)
            | (Data::Bool(_), Kind::Bool)
            | (Data::Int(_, Int::Int), Kind::Int)
            | (Data::Int(_, Int::Uint32), Kind::Uint32)
            | (Data::Float(_), Kind::Float)
            | (Data::Time(_), Kind::Time) => true,
            (Data::Map(map), Kind::Map) => matches!(map.kind, MapKind::Any | MapKind::Values),
            (Data::List(list), Kind::List) => list.kind == ListKind::Any,
            (Data::Struct(it), Kind::Version) => it.kind == StructKind::Version,
            (Data::Struct(it), Kind::Certificate) => it.kind == StructKind::Certificate,
            _ => false,
        };
        if fits {
            return Ok(value);
        }
        let is = match &value.data {
            Data::Absent | Data::Nil => "nothing".to_owned(),
            _ => format!("a {}", type_name(&value)),
        };
        self.fail(Failed::because(format!("{} is wanted here, and this is {is}", kind.name())), span)
    }

    /// The arguments of a function or method, of the types it takes.
    pub(super) fn arguments(
        &mut self,
        signature: (&str, &[Kind], Option<Kind>),
        arguments: &[Expr],
        last: Option<Value>,
        dot: &Value,
        span: Span,
    ) -> Evaluated<Vec<Value>> {
        let (name, parameters, rest) = signature;
        let given = arguments.len() + usize::from(last.is_some());
        if given < parameters.len() || (rest.is_none() && given > parameters.len()) {
            let least = if rest.is_some() { "at least " } else { "" };
            let message = format!("`{name}` takes {least}{} arguments, and this gives {given}", parameters.len());
            return self.fail(Failed::because(message), span);
        }
        let kind_of = |number: usize| parameters.get(number).copied().or(rest).unwrap_or(Kind::Any);
        let mut values = Vec::with_capacity(given);
        for (number, argument) in arguments.iter().enumerate() {
            values.push(self.argument(argument, kind_of(number), dot)?);
        }
        if let Some(last) = last {
            values.push(self.fits(last, kind_of(arguments.len()), span)?);
        }
        Ok(values)
    }

    fn call(
        &mut self,
        function: &'static Function,
        arguments: &[Expr],
        last: Option<Value>,
        dot: &Value,
        span: Span,
    ) -> Evaluated<Value> {
        self.run.meter.step().or_else(|failed| self.fail(failed, span))?;
        if matches!(function.body, Body::And | Body::Or) {
            return self.and_or(function, arguments, last, dot, span);
        }
        let signature = (function.name, function.parameters, function.rest);
        let mut values = self.arguments(signature, arguments, last, dot, span)?;
        // Where origins are gathered, they are gathered from all that was given.
        let gathers = !function.keeps && self.run.is_marked();
        let reads = if gathers { Reads::All } else { function.reads };
        charge(&values, reads, self.run.meter).or_else(|failed| self.fail(failed, span))?;
        match function.body {
            Body::Plain(call) => {
                let made = self.run.with_context(&self.template, span, |context| call(context, &values));
                let made = made.or_else(|failed| self.fail(failed, span))?;
                Ok(if function.keeps { made } else { self.of_all(made, &values) })
            }
            Body::Include | Body::Tpl => {
                let dot = values.pop().unwrap_or_default();
                let dot = if dot.is_nil() { Value { data: Data::Absent, ..dot } } else { dot };
                let first = values.pop().unwrap_or_default();
                if matches!(function.body, Body::Tpl) {
                    self.tpl(&first, dot, span)
                } else {
                    self.include(&first, dot, span)
                }
            }
            Body::And | Body::Or => Ok(Value::ABSENT),
            Body::Call => self.fail(Failed::because("there is no function here that `call` could call"), span),
        }
    }

    /// A result that comes from all arguments.
    pub(super) fn of_all(&self, made: Value, values: &[Value]) -> Value {
        if !self.run.is_marked() {
            return made;
        }
        let mut marks = Marks::NONE;
        for value in values {
            marks.add(&value.all_marks());
        }
        made.with(&marks)
    }

    fn and_or(
        &mut self,
        function: &Function,
        arguments: &[Expr],
        last: Option<Value>,
        dot: &Value,
        span: Span,
    ) -> Evaluated<Value> {
        if arguments.is_empty() && last.is_none() {
            return self.fail(Failed::because(format!("`{}` takes at least one argument", function.name)), span);
        }
        let stops_at = matches!(function.body, Body::Or);
        let (mut value, mut decided) = (Value::ABSENT, Marks::NONE);
        let mut done = false;
        for argument in arguments {
            value = self.argument(argument, Kind::Raw, dot)?;
            decided.add(&value.own_marks());
            if is_true(&value) == stops_at {
                done = true;
                break;
            }
        }
        if let (false, Some(last)) = (done, last) {
            value = last;
        }
        Ok(value.with(&decided))
    }
}
