//! Texts of other files.

use minijinja::value::Value;

use super::{Call, Function, Run, Section, Usage};
use crate::template::files;
use crate::template::refusal::Refusal;

pub(super) static SECTION: Section = Section {
    title: "Texts of other files",
    functions: &[
        Function {
            name: "text",
            usage: Usage::Function,
            signature: "template",
            about: "The text that a template makes, to the byte, with its values in it: for a script or a configuration file within a document. Of a template that makes a file of YAML or JSON, that file without its first line, which says what made it. Its name is written out, as for `include`.",
            examples: &[],
            run: Run::Render(text),
        },
        Function {
            name: "file",
            usage: Usage::Function,
            signature: "path",
            about: "The text of a file below the folder of templates, to the byte: nothing in it is a tag or a value. Its path is written out, and does not end in `.j2`.",
            examples: &[],
            run: Run::Own(file),
        },
    ],
};

fn text(call: &mut Call<'_, '_, '_>) -> Result<Value, minijinja::Error> {
    let name = call.text("template")?;
    let text = files::text(call.state, &call.bounds, &name)?;
    call.makes(text.len())?;
    Ok(Value::from(text))
}

fn file(call: &mut Call<'_, '_, '_>) -> Result<Value, Refusal> {
    let name = call.text("path")?;
    match files::file(call.state, &name) {
        Some(text) => {
            call.bounds.spend_bytes(call.state, text.len())?;
            Ok(Value::from(text))
        }
        None => call.refuse("there is no such file"),
    }
}
