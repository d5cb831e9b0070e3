//! Nulls, which no template may hold.

use crate::check::{Report, View, rule};
use crate::value::Value;

rule! {
    NULL = Error "cfn/null";
    summary: "a null in a template, which CloudFormation refuses";
    explanation: "CloudFormation takes no template that holds a null, wherever it stands: \"'null' values are not allowed in templates\". A key with nothing behind it is one in YAML. What is not wanted is left out; `!Ref AWS::NoValue` takes a property away on a condition. Templates with a `Transform` are not judged: a macro may take the null.";
    wrong: "
        Resources:
          Topic:
            Type: AWS::SNS::Topic
            Properties: {DisplayName: }
    ";
    right: "
        Resources:
          Topic:
            Type: AWS::SNS::Topic
            Properties: {DisplayName: !Ref 'AWS::NoValue'}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates().iter().filter(|template| !template.is_transformed()) {
        template.document.root().walk(&mut |node| {
            if matches!(node.value, Value::Null) {
                let place = node.path().to_string();
                report
                    .at(&NULL, node, format!("CloudFormation refuses the null at `{place}`"))
                    .label("nothing stands here, which is null")
                    .help("give it a value, or leave the key out");
            }
        });
    }
}
