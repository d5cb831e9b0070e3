//! Tags of resources.

use std::collections::BTreeMap;

use crate::check::cfn::Template;
use crate::check::{Report, View, rule};

rule! {
    TAGS = Error "cfn/tags";
    summary: "tags that AWS refuses: one twice, too many, or one of its own";
    explanation: "A resource has at most 50 tags, each key once, and keys that begin with `aws:` are AWS' own. Keys and values have at most 128 and 256 characters.";
    wrong: "
        Resources:
          Vpc:
            Type: AWS::EC2::VPC
            Properties: {CidrBlock: 10.0.0.0/16, Tags: [{Key: Name, Value: a}, {Key: Name, Value: b}]}
    ";
    right: "
        Resources:
          Vpc:
            Type: AWS::EC2::VPC
            Properties: {CidrBlock: 10.0.0.0/16, Tags: [{Key: Name, Value: a}, {Key: Owner, Value: b}]}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for resource in view.templates().iter().flat_map(Template::resources) {
        for name in ["Tags", "HostedZoneTags"] {
            let Some(tags) = resource.property(name) else { continue };
            let items = tags.items();
            if items.len() > 50 {
                report.at(&TAGS, &tags, format!("`{}` has {} tags of at most 50", resource.id, items.len()));
            }
            let mut first = BTreeMap::new();
            for item in &items {
                let Some(key) = item.get("Key") else { continue };
                let Some(text) = key.text() else { continue };
                if let Some(other) = first.get(text) {
                    report
                        .at(&TAGS, &key, format!("`{}` has the tag `{text}` twice", resource.id))
                        .also(other, "the first")
                        .help("remove one of the two");
                } else if text.starts_with("aws:") {
                    report.at(&TAGS, &key, format!("the tag `{text}` is AWS' own")).help("choose another key");
                } else if text.chars().count() > 128 {
                    report.at(&TAGS, &key, "the key of a tag has more than 128 characters");
                }
                if let Some(value) = item.get("Value")
                    && value.text().is_some_and(|text| text.chars().count() > 256)
                {
                    report.at(&TAGS, &value, format!("the value of the tag `{text}` has more than 256 characters"));
                }
                first.entry(text).or_insert(key);
            }
        }
    }
}
