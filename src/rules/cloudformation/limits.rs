//! What CloudFormation takes at most: docs.aws.amazon.com, "Understand CloudFormation quotas".

use camino::Utf8Path;

use crate::check::cfn::Template;
use crate::check::{Report, View, rule};

rule! {
    LIMIT = Error "cfn/limit";
    summary: "a template is larger than CloudFormation takes";
    explanation: "A template may have 500 resources, 200 outputs, 200 parameters and 200 mappings, and a description of 1,024 bytes. One that is handed over with the request, as Git sync does, may have 51,200 bytes, and one that lies in S3 1 MB: a deployment file of the tree tells which. CloudFormation refuses what is larger: split the stack.";
    wrong: "
        Description: 'Everything: {% for service in range(200) %}service {{ service }}, {% endfor %}'
        Resources: {Topic: {Type: AWS::SNS::Topic}}
    ";
    right: "
        Description: A topic
        Resources: {Topic: {Type: AWS::SNS::Topic}}
    ";
}

rule! {
    BODY_SIZE = Warning "cfn/template-size";
    summary: "a template is too large to be handed over with the request";
    explanation: "CloudFormation takes 51,200 bytes with a request, and 1 MB from a bucket: `aws cloudformation deploy --s3-bucket`, or `TemplateURL`. The bytes are those that platc writes, where short forms (`!Ref`) are long ones. Where Git sync delivers the template, it is an error (cfn/limit).";
    wrong: "
        Description: Topics
        Resources:
        {% for number in range(400) %}
          Topic{{ number }}: {Type: AWS::SNS::Topic, Properties: {DisplayName: 'a topic whose name is so long that four hundred of them are too many: {{ number }}'}}
        {% endfor %}
    ";
    right: "
        Description: A topic
        Resources: {Topic: {Type: AWS::SNS::Topic}}
    ";
}

rule! {
    LOGICAL_ID = Error "cfn/logical-id";
    summary: "a logical id has other characters than letters and digits";
    explanation: "The names under `Resources`, `Parameters`, `Outputs`, `Conditions` and `Mappings` are of letters and digits, at most 255 of them. Names that are made of values, of a zone or a service for instance, easily get a dash or a point: `pascal(…)` makes a good one.";
    wrong: "
        Resources:
          my-topic: {Type: AWS::SNS::Topic}
    ";
    right: "
        Resources:
          MyTopic: {Type: AWS::SNS::Topic}
    ";
}

/// Bytes of a template in a request.
const BODY: usize = 51_200;
/// Bytes of a template in S3.
const FILE: usize = 1_048_576;
/// Entries of a section.
const SECTIONS: [(&str, usize); 4] = [("Resources", 500), ("Outputs", 200), ("Parameters", 200), ("Mappings", 200)];
/// Bytes of a description.
const DESCRIPTION: usize = 1_024;
/// Characters of a logical id.
const ID: usize = 255;

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        let root = template.document.root();
        if let Some(node) = root.get("Description")
            && let Some(text) = node.text()
            && text.len() > DESCRIPTION
        {
            report
                .at(&LIMIT, &node, format!("the description has {} bytes of at most {DESCRIPTION}", text.len()))
                .help("say in one sentence what the stack holds");
        }
        for (section, most) in SECTIONS {
            let Some(node) = root.get(section) else { continue };
            let entries = node.entries();
            if entries.len() > most {
                report
                    .at(&LIMIT, &node, format!("the template has {} {section} of at most {most}", entries.len()))
                    .help("split the stack");
            }
            // `Fn::ForEach::Name` and `Fn::Transform` are no ids: they bring in some.
            for (id, entry) in entries.into_iter().filter(|(id, _)| !id.starts_with("Fn::")) {
                if id.len() > ID || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                    report
                        .at(&LOGICAL_ID, &entry, format!("`{id}` is no logical id: these are of letters and digits"))
                        .about_key()
                        .help(format!(
                            "call it `{}`",
                            id.split(|c: char| !c.is_ascii_alphanumeric()).collect::<String>()
                        ));
                }
            }
        }
    }
}

/// How large a template may be says the tool that sends it, which may stand in another file.
pub(super) fn check_size(view: &View<'_>, report: &mut Report) {
    for template in view.templates() {
        size(view, template, report);
    }
}

fn size(view: &View<'_>, template: &Template<'_>, report: &mut Report) {
    let root = template.document.root();
    let bytes = view.size(&template.document);
    let most = if is_sent(view, template.document.path) { BODY } else { FILE };
    if bytes > most {
        report
            .at(&LIMIT, &root, format!("the template has {bytes} bytes of at most {most}"))
            .label("all of this file")
            .help("split the stack");
    } else if bytes > BODY {
        report
            .at(&BODY_SIZE, &root, format!("the template has {bytes} bytes, of which a request takes {BODY}"))
            .label("all of this file")
            .help("deploy it from S3, which takes 1 MB, or split the stack");
    }
}

/// Whether Git sync hands the template over: a deployment file of the tree names it, from the root of the repository.
fn is_sent(view: &View<'_>, path: &Utf8Path) -> bool {
    let named = view.meant().filter_map(|document| document.root().text_at(["template-file-path"]));
    named.into_iter().any(|named| Utf8Path::new(named).ends_with(path))
}
