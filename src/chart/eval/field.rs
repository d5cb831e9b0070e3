//! Fields: entries of maps and parts of structures, and methods.

use std::sync::Arc;

use crate::chart::failure::Failed;
use crate::chart::functions::{Reads, charge, missing};
use crate::chart::print::type_name;
use crate::chart::syntax::{Expr, Span};
use crate::chart::value::{Data, Value};

use super::method;
use super::run::Evaluated;
use super::walk::State;

impl State<'_> {
    /// `.a.b.c`, of which the last may be a method with arguments.
    pub(super) fn fields(
        &mut self,
        mut receiver: Value,
        path: &[Arc<str>],
        arguments: &[Expr],
        mut last: Option<Value>,
        dot: &Value,
        span: Span,
    ) -> Evaluated<Value> {
        if path.is_empty() {
            return Ok(receiver);
        }
        for (number, name) in path.iter().enumerate() {
            let is_last = number + 1 == path.len();
            let (arguments, last) = if is_last { (arguments, last.take()) } else { (&[][..], None) };
            receiver = self.field(receiver, name, arguments, last, dot, span)?;
        }
        Ok(receiver)
    }

    fn field(
        &mut self,
        receiver: Value,
        name: &Arc<str>,
        arguments: &[Expr],
        last: Option<Value>,
        dot: &Value,
        span: Span,
    ) -> Evaluated<Value> {
        match &receiver.data {
            Data::Absent => return Ok(receiver),
            Data::Nil => {
                let message = format!("nothing is set here, so there is no `.{name}` in it");
                let help = "set it, or let the template ask first: `{{ if … }}`, `default dict`".to_owned();
                return self.fail(Failed::Because { message, help: Some(help) }, span);
            }
            _ => {}
        }
        if let Some(method) = method::find(&receiver, name) {
            let values = self.arguments((name, method.parameters, None), arguments, last, dot, span)?;
            let asked = [std::slice::from_ref(&receiver), &values].concat();
            charge(&asked, Reads::Top, self.run.meter).or_else(|failed| self.fail(failed, span))?;
            let made =
                self.run.with_context(&self.template, span, |context| (method.call)(context, &receiver, &values));
            let made = made.or_else(|failed| self.fail(failed, span))?;
            charge(std::slice::from_ref(&made), Reads::Top, self.run.meter)
                .or_else(|failed| self.fail(failed, span))?;
            let made = made.with(&receiver.marks);
            return Ok(self.of_all(made, &values));
        }
        let found = match &receiver.data {
            Data::Map(map) => Some(map.get(name).unwrap_or_else(|| missing(map.kind))),
            Data::Struct(it) => it.field(name).cloned(),
            _ => None,
        };
        let Some(found) = found else {
            let message = format!("a {} has no field `{name}`", type_name(&receiver));
            return self.fail(Failed::because(message), span);
        };
        if !arguments.is_empty() || last.is_some() {
            let message = format!("`.{name}` is no method, and can't take an argument");
            return self.fail(Failed::because(message), span);
        }
        // Where something was taken from a marked map that has no mark of its own, the map's says more than nothing.
        Ok(if found.marks.is_empty() { found.with(&receiver.marks) } else { found })
    }
}
